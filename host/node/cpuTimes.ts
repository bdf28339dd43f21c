// What a test of iperf3 counts of the CPU.

import type { CpuTimes } from "../iperf3/measure.js";

/** Of this process, with all its threads. */
export function cpuTimes(): CpuTimes {
  const { user, system } = process.cpuUsage();
  return { userMs: user / 1000, systemMs: system / 1000 };
}
