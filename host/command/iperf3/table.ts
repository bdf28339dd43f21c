// The lines of a test, as people know them from iperf3: intervals, sums, and at the end both sides of each stream.

import type { Interval, Sample } from "../../iperf3/measure.js";
import type { Settings } from "../../iperf3/settings.js";
import type { Outcome, Test } from "../../iperf3/watcher.js";
import { bitsPerSecond, byDirection, summarize, sumOf, type End, type Ends } from "./summary.js";
import { formatAmount, formatRate, type RateFormat } from "./units.js";

const RULE = "- ".repeat(25).trimEnd();
export const BAR = "-".repeat(59);

export interface Table {
  /** Who talks to whom, and the head of what follows. */
  start(test: Test): string[];
  interval(test: Test, interval: Interval): string[];
  end(test: Test, outcome: Outcome): string[];
}

export function createTable(format: RateFormat | undefined, hasIntervals: boolean): Table {
  /** "[  5]   0.00-1.00   sec  2.21 GBytes  19.0 Gbits/sec". */
  function first(name: string, role: string, times: [number, number], bytes: number): string {
    const [from, to] = times;
    const span = `${from.toFixed(2).padStart(6)}-${to.toFixed(2).padEnd(6)}`;
    const rate = formatRate(bitsPerSecond(bytes, to - from), format);
    return `[${name.padStart(3)}]${role} ${span} sec  ${formatAmount(bytes)}  ${rate}`;
  }

  function sampleLine(test: Test, name: string, one: Sample, omitted: boolean): string {
    const times: [number, number] = [one.startSeconds, one.endSeconds];
    const line = first(name, roleOf(test, one.stream.sends), times, one.bytes);
    const rest = test.settings.protocol === "tcp" ? ofTcp(one) : ofUdp(one);
    return `${line}${rest}${omitted ? "  (omitted)" : ""}`;
  }

  function sumLine(test: Test, samples: readonly Sample[], interval: Interval): string {
    const sum = sumSamples(samples, interval);
    return sampleLine(test, "SUM", sum, interval.omitted);
  }

  function endLine(test: Test, name: string, role: string, end: End, isSender: boolean): string {
    const line = first(name, role, [0, end.seconds], end.bytes);
    const what = isSender ? "sender" : "receiver";
    if (test.settings.protocol === "tcp") {
      const retr = isSender && end.retransmits !== undefined ? String(end.retransmits) : "";
      return `${line}  ${retr.padStart(3)}             ${what}`;
    }
    return `${line}  ${end.jitterMs.toFixed(3)} ms  ${lossOf(end)}  ${what}`;
  }

  function endLines(test: Test, name: string, sends: boolean, ends: Ends): string[] {
    const lines: string[] = [];
    const { sender, receiver } = ends;
    const isOwn = (isSender: boolean): boolean => test.role === "client" || isSender === sends;
    const role = roleOf(test, sends);
    if (sender !== null && isOwn(true)) lines.push(endLine(test, name, role, sender, true));
    if (receiver !== null && isOwn(false)) lines.push(endLine(test, name, role, receiver, false));
    return lines;
  }

  return {
    start: (test) => [
      ...test.streams.map(({ number, local, remote }) => {
        const [from, to] = [
          `${local.address} port ${local.port}`,
          `${remote.address} port ${remote.port}`,
        ];
        return `[${String(number).padStart(3)}] local ${from} connected to ${to}`;
      }),
      ...(hasIntervals ? [intervalHead(test)] : []),
    ],
    interval(test, interval) {
      const { samples, omitted } = interval;
      const lines: string[] = [];
      for (const each of byDirection(samples)) {
        for (const one of each) {
          lines.push(sampleLine(test, String(one.stream.number), one, omitted));
        }
        if (each.length > 1) lines.push(sumLine(test, each, interval));
      }
      return samples.length > 1 ? [...lines, RULE] : lines;
    },
    end(test, outcome) {
      const all = summarize(outcome);
      const lines = hasIntervals && all.length === 1 ? [RULE, endHead(test)] : [endHead(test)];
      for (const each of byDirection(all)) {
        for (const one of each) {
          lines.push(...endLines(test, String(one.stream.number), one.stream.sends, one));
        }
        if (each.length < 2) continue;
        const sum = sumOf(test, each, outcome);
        lines.push(...endLines(test, "SUM", sum.sends, sum));
      }
      return lines;
    },
  };
}

/** "[TX-C]", where both sides send. */
function roleOf({ role, settings }: Test, sends: boolean): string {
  if (settings.direction !== "both") return "";
  return `[${sends ? "TX" : "RX"}-${role === "client" ? "C" : "S"}]`;
}

const headOf = ({ direction }: Settings): string =>
  `[ ID]${direction === "both" ? "[Role]" : ""} Interval           Transfer     Bitrate`;

function intervalHead({ settings, streams }: Test): string {
  const isSender = streams.some(({ sends }) => sends);
  const head = headOf(settings);
  if (settings.protocol === "tcp") return isSender ? `${head}         Retr  Cwnd` : head;
  const isReceiver = streams.some(({ sends }) => !sends);
  return isReceiver
    ? `${head}         Jitter    Lost/Total Datagrams`
    : `${head}         Total Datagrams`;
}

function endHead({ settings }: Test): string {
  const head = headOf(settings);
  return settings.protocol === "tcp"
    ? `${head}         Retr`
    : `${head}         Jitter    Lost/Total Datagrams`;
}

function ofTcp({ stream, retransmits, cwnd }: Sample): string {
  if (!stream.sends) return "";
  const retr = retransmits === undefined ? "" : String(retransmits);
  const window = cwnd > 0 ? `   ${formatAmount(cwnd)}` : "";
  return `  ${retr.padStart(3)}${window}`.trimEnd();
}

function ofUdp({ stream, jitterMs, lost, packets }: Sample): string {
  if (stream.sends) return `  ${packets}`;
  return `  ${jitterMs.toFixed(3)} ms  ${lossOf({ lost, packets })}`;
}

/** "3/85 (3.5%)". */
function lossOf({ lost, packets }: { lost: number; packets: number }): string {
  const percent = packets > 0 ? (100 * lost) / packets : 0;
  return `${lost}/${packets} (${Number(percent.toPrecision(2))}%)`;
}

function sumSamples(samples: readonly Sample[], { retransmits }: Interval): Sample {
  const [first] = samples;
  const sum = (value: (sample: Sample) => number): number =>
    samples.reduce((all, sample) => all + value(sample), 0);
  return {
    ...first!,
    bytes: sum(({ bytes }) => bytes),
    retransmits,
    cwnd: 0,
    jitterMs: sum(({ jitterMs }) => jitterMs) / samples.length,
    lost: sum(({ lost }) => lost),
    packets: sum(({ packets }) => packets),
  };
}
