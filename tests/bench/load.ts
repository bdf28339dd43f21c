// Runs the load (tests/bench/smoltcp/src/bin/load.rs) once against one stack and reads its line.

import { execFile } from "node:child_process";
import { BenchError } from "./arguments.js";
import { pinned, type Peer } from "./peer.js";

export type Measure = "sink" | "source" | "round-trips" | "connects";

/** One measurement. count: bytes for sink and source, else rounds. */
export interface Sample {
  readonly measure: Measure;
  readonly count: number;
  readonly seconds: number;
  /** CPU time of the stack's process, writes to the TAP device included. */
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly acksPer100?: number;
  readonly retransmissions?: number;
}

export interface LoadOptions {
  readonly program: string;
  readonly congestion: string;
  readonly cpu: number | undefined;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Bytes or rounds at most. */
  readonly limit: number;
}

const PORTS: Record<Measure, number> = {
  sink: 9,
  source: 19,
  "round-trips": 7,
  connects: 7,
};

/** The load ends by itself after a stall of 4 s: this is the second lock on the door. */
const EXTRA_MS = 15_000;

export function runLoad(peer: Peer, measure: Measure, options: LoadOptions): Promise<Sample> {
  const pairs = {
    measure,
    to: `${peer.address}:${PORTS[measure]}`,
    congestion: options.congestion,
    pid: peer.process.pid,
    seconds: options.seconds,
    "warm-up": options.warmUpSeconds,
    limit: options.limit,
  };
  const words = Object.entries(pairs).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const [program, programWords] = pinned(options.cpu, options.program, words);
  const timeout = (options.seconds + options.warmUpSeconds) * 1000 + EXTRA_MS;
  return new Promise((resolve, reject) => {
    execFile(program, programWords, { timeout, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error === null) return resolve(JSON.parse(stdout) as Sample);
      const why = stderr.trim() || (error.killed === true ? "took too long" : error.message);
      const state = peer.process.exitCode === null ? "" : " (its process has ended)";
      reject(new BenchError(`${measure} against ${peer.title} failed${state}: ${why}`));
    });
  });
}
