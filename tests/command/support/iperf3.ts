// Two iperf3 of ours on a memory link under virtual time: a test of seconds takes milliseconds and repeats exactly.

import type { Connection } from "../../../host/core/connection.js";
import type { Stack } from "../../../host/core/stack.js";
import { runFor, runVirtual, type VirtualRun } from "../../../host/core/virtual.js";
import { createReport, type Report } from "../../../host/command/iperf3/report.js";
import { startClient, type Client } from "../../../host/iperf3/client.js";
import { startServer, type Server } from "../../../host/iperf3/server.js";
import type { Settings } from "../../../host/iperf3/settings.js";
import type { Outcome, Test, Watcher } from "../../../host/iperf3/watcher.js";
import { createVirtualClock } from "../../../host/link/clock.js";
import { impair } from "../../../host/link/impair.js";
import type { Link } from "../../../host/link/link.js";
import { createMemoryLinkPair } from "../../../host/link/memory.js";
import { createStack } from "../../../host/node/createStack.js";
import { output, type Output } from "./output.js";

export const PLAIN: Settings = {
  ...{ protocol: "tcp", direction: "forward", streams: 1, length: 131_072, seconds: 2 },
  ...{ omitSeconds: 0, bytes: 0, blocks: 0, bitrate: 0, mss: 0, noDelay: false, tos: 0 },
  ...{ counters64: false, serverOutput: false },
};

/** What one side told at the end. */
export interface Told {
  readonly test: Test;
  readonly outcome: Outcome;
}

export interface Iperf3Pair {
  readonly run: VirtualRun;
  readonly serverStack: Stack;
  readonly clientStack: Stack;
  readonly server: Server;
  readonly out: Output;
  readonly serverOut: Output;
  readonly serverTold: Told[];
  readonly clientTold: Told[];
  /** "over", with the error, and "refused", with why. */
  readonly events: string[];
  start(settings: Partial<Settings>): { client: Client; ended: () => Error | null | undefined };
  /** Runs it to its end; what ended it. */
  measure(settings: Partial<Settings>): Error | null;
  /** A connection of a hostile client's. */
  call(): Connection;
  /** What both stacks hold beside addresses and the listener; entries in TIME-WAIT do not count. */
  held(): string[];
}

export interface PairOptions {
  readonly json?: boolean;
  readonly once?: boolean;
  /** Made of the client's end of the link; default: 100 Mbit/s, 1 ms. */
  readonly link?: (link: Link, clock: ReturnType<typeof createVirtualClock>) => Link;
}

const SERVER = "198.18.0.2";
const PORT = 5201;
const own = { ringBytes: 65_536, cpuTimes: () => ({ userMs: 0, systemMs: 0 }) };
/** 2026-01-01 00:00:00 UTC. */
const TODAY_MS = 1_767_225_600_000;

export async function openIperf3({
  json = false,
  once = false,
  link,
}: PairOptions = {}): Promise<Iperf3Pair> {
  const clock = createVirtualClock(1_000);
  const [left, right] = createMemoryLinkPair();
  const bad = link ?? ((good: Link) => impair(good, { clock, rate: 100e6, delay: 1 }));
  const entropy = new Uint8Array(32).fill(7);
  const serverStack = await createStack({ clock, loop: false, entropy });
  const clientStack = await createStack({ clock, loop: false, entropy });
  serverStack.attach(left, { addresses: [`${SERVER}/30`] });
  clientStack.attach(bad(right, clock), { addresses: ["198.18.0.1/30"] });
  const run = { clock, stacks: [serverStack, clientStack] };
  const [out, serverOut] = [output(), output()];
  const [serverTold, clientTold]: [Told[], Told[]] = [[], []];
  const events: string[] = [];
  const reportFor = ({ io }: Output): Report =>
    createReport(io, {
      ...{ port: PORT, json, intervalMs: 1000, format: undefined },
      nowMs: () => TODAY_MS,
    });
  const [report, serverReport] = [reportFor(out), reportFor(serverOut)];
  const server = startServer({
    ...{ stack: serverStack, port: PORT, address: undefined, intervalMs: 1000, once, ...own },
    watcher: { ...serverReport, ...noting(serverReport, serverTold) },
    onReady: serverReport.ready,
    onAccepted: ({ address, port }) =>
      serverReport.begin(`Accepted connection from ${address}, port ${port}`, {
        accepted_connection: { host: address, port },
      }),
    onOver(_remote, error) {
      serverReport.finish(error);
      events.push(`over: ${error?.message ?? "well"}`);
    },
    onRefused: (_remote, why) => void events.push(`refused: ${why}`),
    done: () => void events.push("done"),
  });

  function start(settings: Partial<Settings>) {
    let ended: Error | null | undefined;
    report.begin(`Connecting to host ${SERVER}, port ${PORT}`, {
      connecting_to: { host: SERVER, port: PORT },
    });
    const client = startClient({
      ...{ stack: clientStack, to: { address: SERVER, port: PORT } },
      settings: { ...PLAIN, ...settings },
      ...{ intervalMs: 1000, connectMs: 0, version: "mote 1.2.3", ...own },
      random: (bytes) => bytes.fill(3),
      watcher: noting(report, clientTold),
      done(error) {
        ended = error;
        report.finish(error);
      },
    });
    return { client, ended: () => ended };
  }

  return {
    ...{ run, serverStack, clientStack, server, out, serverOut, serverTold, clientTold, events },
    start,
    measure(settings) {
      const { ended } = start(settings);
      runVirtual(run, () => ended() !== undefined);
      // Both sides have heard the end of everything.
      runFor(run, 3_000);
      return ended()!;
    },
    call: () => clientStack.connect({ host: SERVER, port: PORT }),
    held() {
      const count = (stack: Stack): string[] =>
        stack
          .pools()
          .filter(
            ({ name, used }) => used > 0 && !["time_wait", "neighbour", "address"].includes(name),
          )
          .map(({ name, used }) => `${name}: ${used}`);
      return [...count(serverStack), ...count(clientStack)];
    },
  };
}

function noting(report: Report, told: Told[]): Watcher {
  return {
    onStart: report.onStart,
    onInterval: report.onInterval,
    onEnd(test, outcome) {
      told.push({ test, outcome });
      report.onEnd(test, outcome);
    },
  };
}

/** Loses every `nth` frame that carries UDP data, on its way out; how many were lost. */
export function losing(link: Link, nth: number): Link & { lost(): number } {
  let seen = 0;
  let lost = 0;
  const write = link.write.bind(link);
  const isData = (frame: Uint8Array): boolean =>
    frame.length > 100 && frame[12] === 8 && frame[13] === 0 && frame[23] === 17;
  return Object.assign(link, {
    lost: () => lost,
    write(frame: Uint8Array) {
      if (isData(frame) && ++seen % nth === 0) {
        lost++;
        return true;
      }
      return write(frame);
    },
  });
}
