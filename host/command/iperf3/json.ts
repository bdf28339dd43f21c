// One JSON document for each test, in the shape of iperf3's: start, intervals, end. What this stack does not know is left
// out.

import { CONGESTION, type Interval, type Sample } from "../../iperf3/measure.js";
import type { Outcome, Test } from "../../iperf3/watcher.js";
import {
  bitsPerSecond,
  byDirection,
  summarize,
  sumOf,
  type End,
  type StreamSummary,
} from "./summary.js";

export type Json = Record<string, unknown>;

export interface Document {
  start(test: Test): void;
  interval(test: Test, interval: Interval): void;
  end(test: Test, outcome: Outcome): void;
  fail(message: string): void;
  /** So far. */
  readonly content: Json;
}

export interface DocumentHead {
  readonly version: string;
  readonly timeMs: number;
  /** connecting_to or accepted_connection, with host and port. */
  readonly peer: Json;
}

export function createDocument({ version, timeMs, peer }: DocumentHead): Document {
  const start: Json = {
    connected: [],
    version: `mote ${version}`,
    system_info: `MoteTCP ${version}`,
    timestamp: {
      time: new Date(timeMs).toUTCString(),
      timesecs: Math.floor(timeMs / 1000),
    },
    ...peer,
  };
  const intervals: Json[] = [];
  const content: Json = { start, intervals, end: {} };
  return {
    content,
    start: (test) => Object.assign(start, startOf(test)),
    interval: (test, interval) => void intervals.push(intervalOf(test, interval)),
    end(test, outcome) {
      content["end"] = endOf(test, outcome);
      const output = outcome.theirs?.serverOutput;
      if (typeof output === "string") content["server_output_text"] = output;
      else if (output !== undefined) content["server_output_json"] = output;
    },
    fail: (message) => void (content["error"] = message),
  };
}

function startOf({ streams, cookie, mss, ringBytes, settings }: Test): Json {
  const isTcp = settings.protocol === "tcp";
  return {
    connected: streams.map(({ number, local, remote }) => ({
      ...{ socket: number, local_host: local.address, local_port: local.port },
      ...{ remote_host: remote.address, remote_port: remote.port },
    })),
    cookie,
    ...(isTcp ? { tcp_mss_default: mss } : {}),
    target_bitrate: settings.bitrate,
    ...{ sock_bufsize: 0, sndbuf_actual: ringBytes, rcvbuf_actual: ringBytes },
    test_start: {
      ...{ protocol: isTcp ? "TCP" : "UDP", num_streams: settings.streams },
      ...{ blksize: settings.length, omit: settings.omitSeconds, duration: settings.seconds },
      ...{ bytes: settings.bytes, blocks: settings.blocks },
      reverse: Number(settings.direction === "reverse"),
      bidir: Number(settings.direction === "both"),
      ...{ tos: settings.tos, target_bitrate: settings.bitrate },
    },
  };
}

const spanOf = (start: number, end: number, bytes: number): Json => ({
  ...{ start, end, seconds: end - start, bytes },
  bits_per_second: bitsPerSecond(bytes, end - start),
});

interface Losses {
  readonly jitterMs: number;
  readonly lost: number;
  readonly packets: number;
}

const lossesOf = ({ jitterMs, lost, packets }: Losses): Json => ({
  ...{ jitter_ms: jitterMs, lost_packets: lost, packets },
  lost_percent: packets > 0 ? (100 * lost) / packets : 0,
});

function intervalOf({ settings }: Test, interval: Interval): Json {
  const { samples, omitted, retransmits } = interval;
  const isTcp = settings.protocol === "tcp";
  const result: Json = { streams: samples.map((one) => sampleOf(one, isTcp, omitted)) };
  byDirection(samples).forEach((each, index) => {
    const [first] = each as [Sample];
    const sum = (value: (sample: Sample) => number): number =>
      each.reduce((all, sample) => all + value(sample), 0);
    const { sends } = first.stream;
    const packets = sum((one) => one.packets);
    const lost = sum((one) => one.lost);
    const jitterMs = sum((one) => one.jitterMs) / each.length;
    result[index === 0 ? "sum" : "sum_bidir_reverse"] = {
      ...spanOf(
        first.startSeconds,
        first.endSeconds,
        sum((one) => one.bytes),
      ),
      ...(isTcp && sends ? { retransmits } : {}),
      ...(isTcp || sends ? {} : lossesOf({ jitterMs, lost, packets })),
      ...(!isTcp && sends ? { packets } : {}),
      ...{ omitted, sender: sends },
    };
  });
  return result;
}

function sampleOf(one: Sample, isTcp: boolean, omitted: boolean): Json {
  const { stream, retransmits, packets } = one;
  const ofSender = isTcp
    ? {
        ...(retransmits === undefined ? {} : { retransmits }),
        ...{ snd_cwnd: one.cwnd, snd_wnd: one.sndWnd },
        ...{ rtt: one.rttUs, rttvar: one.rttvarUs, pmtu: one.mtuBytes },
      }
    : { packets };
  return {
    socket: stream.number,
    ...spanOf(one.startSeconds, one.endSeconds, one.bytes),
    ...(stream.sends ? ofSender : {}),
    ...(isTcp || stream.sends ? {} : lossesOf(one)),
    ...{ omitted, sender: stream.sends },
  };
}

function endOf(test: Test, outcome: Outcome): Json {
  const { theirs, cpu } = outcome;
  const isTcp = test.settings.protocol === "tcp";
  const all = summarize(outcome);
  const result: Json = {
    streams: all.map((one) => (isTcp ? tcpStreamOf(one) : { udp: udpStreamOf(one) })),
  };
  byDirection(all).forEach((each, index) => {
    const tail = index === 0 ? "" : "_bidir_reverse";
    const { sends, sender, receiver } = sumOf(test, each, outcome);
    if (!isTcp) {
      const losses = lossesOf(receiver ?? sender!);
      const span = endSpan(sender ?? receiver!);
      result[`sum${tail}`] = { ...span, ...losses, sender: sends };
    }
    for (const [name, end, isSender] of [
      ["sum_sent", sender, true],
      ["sum_received", receiver, false],
    ] as const) {
      const { retransmits } = end ?? { retransmits: undefined };
      result[`${name}${tail}`] = {
        ...endSpan(end),
        ...(isTcp && isSender && retransmits !== undefined ? { retransmits } : {}),
        ...(isTcp || end === null ? {} : lossesOf(end)),
        sender: isTcp ? sends : isSender,
      };
    }
  });
  const remote = theirs?.cpu;
  result["cpu_utilization_percent"] = {
    ...{ host_total: cpu.total, host_user: cpu.user, host_system: cpu.system },
    ...{ remote_total: remote?.total ?? 0, remote_user: remote?.user ?? 0 },
    remote_system: remote?.system ?? 0,
  };
  if (isTcp) Object.assign(result, congestionOf(test, theirs?.congestion));
  return result;
}

function congestionOf({ streams }: Test, theirs: string | undefined): Json {
  const sends = streams[0]!.sends;
  const [sender, receiver] = sends ? [CONGESTION, theirs] : [theirs, CONGESTION];
  return {
    ...(sender === undefined ? {} : { sender_tcp_congestion: sender }),
    ...(receiver === undefined ? {} : { receiver_tcp_congestion: receiver }),
  };
}

const endSpan = (end: End | null): Json => spanOf(0, end?.seconds ?? 0, end?.bytes ?? 0);

function tcpStreamOf({ stream, total, sender, receiver }: StreamSummary): Json {
  const { number: socket, sends } = stream;
  const own = sends
    ? {
        ...{ max_snd_cwnd: total.maxCwnd, max_snd_wnd: total.maxSndWnd },
        ...{ max_rtt: total.maxRttUs, min_rtt: total.minRttUs, mean_rtt: total.meanRttUs },
      }
    : {};
  const retransmits = sender?.retransmits;
  return {
    sender: {
      ...{ socket, ...endSpan(sender) },
      ...(retransmits === undefined ? {} : { retransmits }),
      ...own,
      sender: sends,
    },
    receiver: { socket, ...endSpan(receiver), sender: sends },
  };
}

function udpStreamOf({ stream, total, sender, receiver }: StreamSummary): Json {
  return {
    ...{ socket: stream.number, ...endSpan(sender) },
    ...lossesOf(receiver ?? sender!),
    ...{ out_of_order: total.outOfOrder, sender: stream.sends },
  };
}
