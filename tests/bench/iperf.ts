// `npm run bench -- --iperf`: what `mote iperf3` measures beside what this bench does, in turns: the same kernel sends to a
// stack, or reads from it, once with Debian's iperf3 and once with the load of the bench. A ratio of 1 says that the
// command's own stack, on the event loop of its thread, and iperf3's protocol cost nothing.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "./arguments.js";
import { pinned, startMote, stopPeer } from "./peer.js";
import { bulkRate, inTurns, type TurnsOptions, type Way } from "./turns.js";

const ADDRESS = "198.18.7.2";
const START_MS = 15_000;
const EXTRA_MS = 15_000;
/** Of one write, as the bench's load has it (smoltcp/src/bin/load.rs). */
const CHUNK = "256K";
/** What `mote iperf3` holds itself to. */
const REQUIRED = 0.9;

export async function iperf(options: TurnsOptions): Promise<void> {
  const stackCpu = options.cpus?.[0];
  const peer = await startMote("mote", "MoteTCP", 6, "desktop", stackCpu);
  const server = await startServer(stackCpu);
  try {
    const turns = [
      { name: "mote iperf3", measure: (way) => runIperf3(way, options) },
      { name: "bench", measure: (way) => bulkRate(way, peer, options) },
    ] satisfies Parameters<typeof inTurns>[1];
    await inTurns(options, turns, REQUIRED);
  } finally {
    server.kill("SIGKILL");
    await stopPeer(peer);
  }
}

/** `mote iperf3 -s`, ready for tests. */
function startServer(cpu: number | undefined): Promise<ChildProcess> {
  const main = fileURLToPath(new URL("../../host/command/main.js", import.meta.url));
  const words = [main, "iperf3", "-s", "-i", "0", "--link", "tap:benchiperf3"];
  const command = pinned(cpu, process.execPath, [...words, "--address", `${ADDRESS}/30`]);
  const child = spawn(...command, { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let errors = "";
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new BenchError(`mote iperf3 -s: ${what}\n${errors.trim()}`));
    };
    const timer = setTimeout(fail, START_MS, `not ready after ${START_MS / 1000} s`);
    child.stderr!.on("data", (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4000);
      if (!errors.includes("The server is")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(child);
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`ended at its start (${signal ?? `code ${code}`})`));
  });
}

/** Gbit/s at the receiver. */
function runIperf3(way: Way, { seconds, cpus, load }: TurnsOptions): Promise<number> {
  // Debian's takes whole seconds.
  const length = Math.max(1, Math.round(seconds));
  const words = ["-c", ADDRESS, "-t", String(length), "-O", "1", "-i", "0", "-l", CHUNK, "-J"];
  if (load.congestion !== "default") words.push("-C", load.congestion);
  const [program, all] = pinned(cpus?.[1], "iperf3", way === "source" ? [...words, "-R"] : words);
  const options = { timeout: 1000 * length + EXTRA_MS, killSignal: "SIGKILL" } as const;
  return new Promise((resolve, reject) => {
    execFile(program, all, options, (error, stdout, stderr) => {
      if (error !== null) {
        const why = error.code === "ENOENT" ? "apt-get install iperf3" : stderr.trim() || stdout;
        reject(new BenchError(`iperf3 (${way}) failed: ${why}`));
        return;
      }
      const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
      resolve(end.sum_received.bits_per_second / 1e9);
    });
  });
}
