// The command line of `npm run bench`, checked before anything is built or opened. Output: one
// record of numbers that the rest of the bench takes as given.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly micro: boolean;
  readonly sockets: boolean;
  readonly record: boolean;
  readonly soak: boolean;
  readonly iperf: boolean;
  readonly flight: boolean;
  readonly rounds: number;
  /** Length of one sink or source measurement; the others are shorter. */
  readonly seconds: number;
  /** Adds smoltcp with 1 MiB buffers as a third stack. */
  readonly large: boolean;
  readonly json: string | undefined;
  /** CPU of the stack and CPU of the load; undefined: the kernel's choice. */
  readonly cpus: readonly [number, number] | undefined;
}

export class BenchError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}

export const usage = `Usage: npm run bench -- [options]

Measures MoteTCP beside smoltcp over TAP devices in a network namespace of its own.

  --quick        3 short rounds, less than a minute
  --rounds N     rounds, 1 to 20 (default 7; medians are printed)
  --seconds S    length of one sink or source measurement, 0.2 to 5 (default 1)
  --large        also smoltcp with 1 MiB buffers
  --cpus A,B     CPU of the stack, CPU of the load (default: the first two; any: not pinned)
  --json FILE    writes every sample to FILE
  --micro        instead: in one process, without TAP and without rights
  --sockets      instead: stack.net beside node:net over loopback, in one process
  --iperf        instead: mote iperf3 with Debian's iperf3, beside the bench's own sink and source
  --flight       instead: a stack with a flight recorder beside one without, over TAP
  --record       instead: what a flight recorder, a recording and a replay cost, in one process
  --soak         instead: sockets of motetcp/net carry 10 GB and 100,000 connections, and the
                 process may grow by 16 MiB; more is exit code 1
  --help         this text`;

const MAX_TOTAL_SECONDS = 150;

/** Undefined: help was asked for. */
export function parseArguments(words: string[]): BenchOptions | undefined {
  const values = parse(words);
  if (values.help) return undefined;
  const quick = values.quick === true;
  const options: BenchOptions = {
    micro: values.micro === true,
    sockets: values.sockets === true,
    record: values.record === true,
    soak: values.soak === true,
    iperf: values.iperf === true,
    flight: values.flight === true,
    rounds: number("--rounds", values.rounds ?? (quick ? "3" : "7"), 1, 20, true),
    seconds: number("--seconds", values.seconds ?? (quick ? "0.5" : "1"), 0.2, 5, false),
    large: values.large === true,
    json: values.json,
    cpus: parseCpus(values.cpus),
  };
  const total = estimateSeconds(options);
  if (total > MAX_TOTAL_SECONDS) {
    throw new BenchError(
      `${options.rounds} rounds of ${options.seconds} s would take about ${Math.ceil(total)} s; ` +
        `at most ${MAX_TOTAL_SECONDS} s: lower --rounds or --seconds`,
      2,
    );
  }
  return options;
}

/** Seconds of measuring: a round is about 4.5 lengths and 1 s of warm-up for each stack. */
export function estimateSeconds({ rounds, seconds, large, iperf, flight }: BenchOptions): number {
  if (flight) return rounds * 4 * (seconds + 1);
  if (iperf) return rounds * 2 * (seconds + Math.max(1, seconds) + 2);
  return rounds * (large ? 3 : 2) * (seconds * 3.2 + 1) + rounds * (seconds + 0.4);
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        quick: { type: "boolean" },
        micro: { type: "boolean" },
        sockets: { type: "boolean" },
        record: { type: "boolean" },
        soak: { type: "boolean" },
        iperf: { type: "boolean" },
        flight: { type: "boolean" },
        large: { type: "boolean" },
        help: { type: "boolean" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        cpus: { type: "string" },
        json: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new BenchError(`${(error as Error).message.split(". ")[0]}; --help lists the options`, 2);
  }
}

function number(name: string, word: string, least: number, most: number, whole: boolean): number {
  const value = Number(word);
  const fits = value >= least && value <= most && (!whole || Number.isInteger(value));
  if (word.trim() === "" || !fits) {
    const kind = whole ? "a whole number" : "a number";
    throw new BenchError(`${name} ${word}: not ${kind} from ${least} to ${most}`, 2);
  }
  return value;
}

function parseCpus(word: string | undefined): readonly [number, number] | undefined {
  if (word === "any") return undefined;
  const allowed = allowedCpus();
  if (word === undefined) return allowed.length >= 2 ? [allowed[0]!, allowed[1]!] : undefined;
  const match = /^(\d{1,4}),(\d{1,4})$/.exec(word);
  const pair = [Number(match?.[1]), Number(match?.[2])] as const;
  if (!pair.every((cpu) => allowed.includes(cpu))) {
    throw new BenchError(
      `--cpus ${word}: two of the CPUs ${allowed.join(", ")} such as ${allowed[0]},${allowed.at(-1)}, ` +
        "or the word any",
      2,
    );
  }
  return pair;
}

/** CPUs that this process may run on: in a container not always from 0 on. */
function allowedCpus(): number[] {
  if (process.platform !== "linux") return [];
  const line = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  const list: number[] = [];
  for (const range of (line?.[1] ?? "").split(",").filter(Boolean)) {
    const [first, last] = range.split("-").map(Number) as [number, number?];
    for (let cpu = first; cpu <= (last ?? first); cpu++) list.push(cpu);
  }
  return list;
}
