// `npm run bench`: MoteTCP beside smoltcp, each behind a plain TAP device (no offload, MTU 1500),
// loaded by Linux kernel sockets over one connection, in alternation, in a network namespace that
// this program makes itself. It reports; slow figures are no failure. --micro is in micro.ts.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { BenchError, parseArguments, estimateSeconds, usage } from "./arguments.js";
import type { BenchOptions } from "./arguments.js";
import { buildPrograms, locatePrograms, type Programs } from "./cargo.js";
import { runLoad, type Measure, type Sample } from "./load.js";
import { flight } from "./flight.js";
import { iperf } from "./iperf.js";
import { micro } from "./micro.js";
import { record } from "./record.js";
import { soak } from "./soak.js";
import { sockets } from "./sockets.js";
import {
  congestionControl,
  endWithParent,
  insideNamespace,
  prepareLinux,
  runInNamespace,
} from "./namespace.js";
import { startMote, startSmoltcp, stopPeer, type Peer } from "./peer.js";
import {
  gigabits,
  median,
  pairedRatio,
  table,
  verdict,
  type Ratio,
  type Series,
} from "./report.js";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Far above what a second can carry: bounds a runaway, not a measurement. */
const BYTES_LIMIT = 20e9;
const ROUND_TRIPS_LIMIT = 1e6;
/** Local ports of Linux that all rounds together may leave in TIME-WAIT for one stack. */
const CONNECTS_TOTAL = 20_000;
const CONNECTS_PER_ROUND = 4_000;
/** How long the machine is watched before the first round, and how busy it may be. */
const QUIET_CHECK_MS = 500;
const BUSY_SHARE = 0.1;
const SMALL_RING_BYTES = 2 * KIB;

interface Run {
  readonly options: BenchOptions;
  readonly programs: Programs;
  readonly congestion: string;
}

function measureOptions(run: Run, measure: Measure) {
  const { seconds, rounds, cpus: pins } = run.options;
  const lengths: Record<Measure, [number, number, number]> = {
    sink: [seconds, 0.3, BYTES_LIMIT],
    source: [seconds, 0.3, BYTES_LIMIT],
    "round-trips": [seconds * 0.7, 0.2, ROUND_TRIPS_LIMIT],
    connects: [
      seconds * 0.5,
      0.1,
      Math.min(CONNECTS_PER_ROUND, Math.floor(CONNECTS_TOTAL / rounds)),
    ],
  };
  const [length, warmUpSeconds, limit] = lengths[measure];
  return {
    program: run.programs.load,
    congestion: run.congestion,
    cpu: pins?.[1],
    seconds: length,
    warmUpSeconds,
    limit,
  };
}

/** Both stacks (or three) stay up; each measure goes from one to the next before the next measure. */
async function compare(run: Run): Promise<Series[]> {
  const cpu = run.options.cpus?.[0];
  const server = run.programs.server;
  const peers: Peer[] = [];
  try {
    peers.push(await startMote("mote", "MoteTCP", 1, "desktop", cpu));
    peers.push(await startSmoltcp("smoltcp", "smoltcp 64 KiB", 2, server, 64 * KIB, cpu));
    if (run.options.large) {
      peers.push(await startSmoltcp("smoltcpLarge", "smoltcp 1 MiB", 3, server, MIB, cpu));
    }
    const series = peers.map(({ name, title }): Series => {
      return { name, title, samples: { sink: [], source: [], "round-trips": [], connects: [] } };
    });
    const measures: Measure[] = ["sink", "source", "round-trips", "connects"];
    for (let round = 1; round <= run.options.rounds; round++) {
      progress(`round ${round} of ${run.options.rounds}`);
      for (const measure of measures) {
        // There and back: what changes steadily meanwhile favours neither.
        const order = [...peers.entries()];
        for (const [index, peer] of round % 2 === 0 ? order.reverse() : order) {
          const sample = await runLoad(peer, measure, measureOptions(run, measure));
          series[index]!.samples[measure].push(sample);
        }
      }
    }
    return series;
  } finally {
    await Promise.all(peers.map(stopPeer));
  }
}

/** Bulk into a stack with the rings of a board. */
async function smallRings(run: Run): Promise<Sample[]> {
  const peer = await startMote("moteSmall", "MoteTCP esp32", 4, "esp32", run.options.cpus?.[0]);
  try {
    const samples = [];
    for (let round = 1; round <= run.options.rounds; round++) {
      progress(`rings of 2 KiB, round ${round} of ${run.options.rounds}`);
      samples.push(await runLoad(peer, "sink", measureOptions(run, "sink")));
    }
    return samples;
  } finally {
    await stopPeer(peer);
  }
}

function judge(series: readonly Series[], small: readonly Sample[]): Ratio[] {
  const [mote, smoltcp] = series as [Series, Series];
  const ratio = (measure: Measure) => pairedRatio(mote, smoltcp, measure, gigabits);
  const megabytes = median(small.map((sample) => sample.count / sample.seconds / 1e6));
  const sink = { what: "sink / smoltcp's", value: ratio("sink"), required: 0.4, aim: 0.7 };
  const source = { what: "source / smoltcp's", value: ratio("source"), required: 0.6, aim: 0.8 };
  const what = `bulk into rings of ${SMALL_RING_BYTES / KIB} KiB`;
  return [
    { ...sink, unit: "" },
    { ...source, unit: "" },
    { what, value: megabytes, unit: " MB/s", required: 5, aim: undefined },
  ];
}

/** What the figures depend on, without names of machines. */
function machine(run: Run) {
  const list = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${list.length} x ${list[0]?.model.trim() ?? "CPU"}`,
    kernel: `Linux ${release().split("-")[0]}`,
    node: process.version,
    compiler: run.programs.compiler,
    congestion: run.congestion === "default" ? systemCongestion() : run.congestion,
  };
}

function systemCongestion(): string {
  const name = "net.ipv4.tcp_congestion_control";
  return execFileSync("sysctl", ["-n", name], { encoding: "utf8" }).trim();
}

async function insideMain(options: BenchOptions): Promise<void> {
  endWithParent();
  prepareLinux();
  const run = { options, programs: locatePrograms(), congestion: congestionControl() };
  const place = machine(run);
  console.log(
    `${place.date}, ${place.cpu}, ${place.kernel}, Node ${place.node}, ${place.compiler}\n` +
      `TAP, MTU 1500, no offload, one connection, Linux with ${place.congestion}; medians of ` +
      `${options.rounds} rounds`,
  );
  await warnOfOtherLoad();
  if (options.iperf) {
    const load = { program: run.programs.load, congestion: run.congestion };
    return iperf({ ...options, load, progress });
  }
  if (options.flight) {
    const load = { program: run.programs.load, congestion: run.congestion };
    return flight({ ...options, load, progress });
  }
  const series = await compare(run);
  const small = await smallRings(run);
  progress("");
  const ratios = judge(series, small);
  console.log(`\n${table(series)}\n\n${verdict(ratios)}`);
  if (options.json !== undefined) {
    const { rounds, seconds, cpus: pins } = options;
    const settings = { rounds, seconds, cpus: pins ?? "any" };
    const document = { machine: place, settings, series, smallRings: small, ratios };
    writeFileSync(options.json, `${JSON.stringify(document, null, 2)}\n`);
  }
}

/** Other programs on the same CPUs move every figure: said before, so that nobody trusts them. */
async function warnOfOtherLoad(): Promise<void> {
  const before = cpuTimes();
  await new Promise((resolve) => setTimeout(resolve, QUIET_CHECK_MS));
  const after = cpuTimes();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  if (!(busy > BUSY_SHARE)) return;
  console.log(
    `Note: other programs use ${Math.round(busy * 100)} % of these CPUs. Rates are too low and ` +
      "their ratios rough; CPU seconds per GB hold best.",
  );
}

function cpuTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  const busy = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  return { idle, all: idle + busy };
}

/** One line that is overwritten, on terminals only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(words: string[]): Promise<number> {
  const options = parseArguments(words);
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  if (options.micro) {
    await micro(options.json);
    return 0;
  }
  if (options.sockets) {
    await sockets(options.rounds, options.json);
    return 0;
  }
  if (options.record) {
    await record(options.rounds, options.json);
    return 0;
  }
  if (options.soak) return soak(options.json);
  if (!insideNamespace()) {
    buildPrograms();
    progress(`about ${Math.ceil(estimateSeconds(options))} s`);
    return runInNamespace(import.meta.url, words);
  }
  await insideMain(options);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  progress("");
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = error.exitCode;
}
