// The running part of a test on one side: begins and ends the streams, looks at them at each interval, and knows at the
// end what each has carried.

import type { Stack } from "../core/stack.js";
import type { CpuUse, Results, StreamResult } from "./results.js";
import type { Settings } from "./settings.js";
import { factsOf, type Stream, type StreamFacts } from "./stream.js";

/** CPU time of this process so far, ms. */
export interface CpuTimes {
  readonly userMs: number;
  readonly systemMs: number;
}

/** Of one stream in one interval. */
export interface Sample {
  readonly stream: StreamFacts;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly bytes: number;
  /** Of a TCP sender; undefined: it is not the only one, and the profile counts them for the whole stack. */
  readonly retransmits: number | undefined;
  readonly cwnd: number;
  readonly sndWnd: number;
  readonly rttUs: number;
  readonly rttvarUs: number;
  readonly mtuBytes: number;
  readonly jitterMs: number;
  readonly lost: number;
  readonly packets: number;
}

export interface Interval {
  readonly samples: readonly Sample[];
  /** Of all senders together. */
  readonly retransmits: number;
  /** It does not count. */
  readonly omitted: boolean;
}

/** Of one stream when all is over. */
export interface Total {
  readonly stream: StreamFacts;
  readonly seconds: number;
  readonly bytes: number;
  readonly retransmits: number | undefined;
  readonly jitterMs: number;
  readonly lost: number;
  readonly packets: number;
  readonly outOfOrder: number;
  readonly maxCwnd: number;
  readonly maxSndWnd: number;
  readonly minRttUs: number;
  readonly maxRttUs: number;
  readonly meanRttUs: number;
}

/** What this side has counted when all is over. */
export interface Counts {
  readonly totals: readonly Total[];
  /** Of all senders. */
  readonly retransmits: number;
  readonly cpu: CpuUse;
}

export interface Measurement {
  /** Streams on which this side sends. */
  readonly sends: number;
  /** So many bytes have gone or come in one direction since counting began. */
  bytes(sends: boolean): number;
  begin(): void;
  /** Sending ends, and with it the time that counts for senders. */
  hush(): void;
  isDrained(): boolean;
  /** What still comes does not count. */
  deafen(): void;
  /** Counting ends. `atMs`: as of that moment; default: now. */
  end(atMs?: number): void;
  /** When bytes went or came for the last time, ms of the clock. */
  readonly movedMs: number;
  moved(): void;
  counts(): Counts;
}

export interface MeasurePart {
  readonly stack: Stack;
  readonly settings: Settings;
  readonly streams: readonly Stream[];
  /** 0: no intervals. */
  readonly intervalMs: number;
  readonly cpuTimes: () => CpuTimes;
  onInterval(interval: Interval): void;
}

interface Watched {
  readonly stream: Stream;
  bytes: number;
  lost: number;
  packets: number;
  /** Segments sent again: by now, at the last look, and when counting began. */
  resent: number;
  resentLooked: number;
  resentBefore: number;
  endMs: number | null;
  maxCwnd: number;
  maxSndWnd: number;
  readonly rttsUs: number[];
}

/** A rest that is no interval of its own: less than this part of one. */
const LEAST_REST = 0.1;
/** Of the round-trip times of intervals so many are kept for the mean. */
const MOST_RTTS = 10_000;

export function createMeasurement(part: MeasurePart): Measurement {
  const { stack, settings, intervalMs } = part;
  const { clock } = stack;
  const omitMs = 1000 * settings.omitSeconds;
  const watched = part.streams.map((stream): Watched => ({
    ...{ stream, bytes: 0, lost: 0, packets: 0, endMs: null },
    ...{ resent: -1, resentLooked: 0, resentBefore: 0 },
    ...{ maxCwnd: 0, maxSndWnd: 0, rttsUs: [] },
  }));
  let begunMs = 0;
  let lookedMs = 0;
  let movedMs = 0;
  let isOmitting = omitMs > 0;
  let isOver = false;
  let cancelLook: (() => void) | null = null;
  let cancelOmit: (() => void) | null = null;
  let retransmitsBefore = 0;
  let retransmitsLooked = 0;
  let retransmitsEnd: number | null = null;
  let cpuBefore: CpuTimes & { wallMs: number } = { userMs: 0, systemMs: 0, wallMs: 0 };
  let cpu: CpuUse = { total: 0, user: 0, system: 0 };

  const senders = watched.filter(({ stream }) => stream.sends);
  const isOnlySender = (stream: Stream): boolean =>
    stream.sends && senders.length === 1 && settings.protocol === "tcp";
  /** Each connection has a count of its own. */
  let areCounted = false;

  /** What connections have sent again, of those that are still there; -1: that is not known. */
  function countResent(): void {
    for (const one of senders)
      one.resent = Math.max(one.resent, one.stream.info()?.retransmits ?? -1);
  }

  function retransmitsNow(): number {
    const counters = stack.counters();
    const all = counters.tcp_timeout_retransmits + counters.tcp_fast_retransmits;
    return (all - retransmitsBefore) >>> 0;
  }

  function retransmitsOfAll(): number {
    if (!areCounted) return retransmitsEnd ?? retransmitsNow();
    return senders.reduce((sum, one) => sum + one.resent - one.resentBefore, 0);
  }

  function retransmitsOf({ stream, resent }: Watched, since: number, ofAll: number) {
    if (areCounted && stream.sends) return resent - since;
    return isOnlySender(stream) ? ofAll : undefined;
  }

  function arm(): void {
    if (intervalMs <= 0 || isOver) return;
    // By the beginning, and not by the last look, which was late.
    const intervals = Math.round((lookedMs - begunMs) / intervalMs) + 1;
    const nextMs = begunMs + intervals * intervalMs;
    cancelLook = stack.after(Math.max(0, nextMs - clock.now()), () => {
      look(clock.now());
      arm();
    });
  }

  /** What has been carried since the last look. */
  function look(nowMs: number): void {
    countResent();
    const all = retransmitsOfAll();
    const retransmits = all - retransmitsLooked;
    retransmitsLooked = all;
    const samples = watched.map((one) => sampleOf(one, nowMs, retransmits));
    lookedMs = nowMs;
    part.onInterval({ samples, retransmits, omitted: isOmitting });
  }

  function sampleOf(one: Watched, nowMs: number, retransmits: number): Sample {
    const { stream } = one;
    const info = stream.sends ? stream.info() : null;
    const sample: Sample = {
      stream: factsOf(stream),
      startSeconds: (lookedMs - begunMs) / 1000,
      endSeconds: (nowMs - begunMs) / 1000,
      bytes: stream.bytes - one.bytes,
      retransmits: retransmitsOf(one, one.resentLooked, retransmits),
      cwnd: info?.cwnd ?? 0,
      sndWnd: info?.sndWnd ?? 0,
      rttUs: info?.srttUs ?? 0,
      rttvarUs: info?.rttvarUs ?? 0,
      mtuBytes: info === null ? 0 : info.sndMss + 40,
      jitterMs: stream.arrivals?.jitterMs ?? 0,
      lost: (stream.arrivals?.lost ?? 0) - one.lost,
      packets: stream.packets - one.packets,
    };
    one.bytes = stream.bytes;
    one.lost = stream.arrivals?.lost ?? 0;
    one.packets = stream.packets;
    one.resentLooked = one.resent;
    one.maxCwnd = Math.max(one.maxCwnd, sample.cwnd);
    one.maxSndWnd = Math.max(one.maxSndWnd, sample.sndWnd);
    if (sample.rttUs > 0 && one.rttsUs.length < MOST_RTTS) one.rttsUs.push(sample.rttUs);
    return sample;
  }

  function totalOf(one: Watched): Total {
    const { stream, endMs, maxCwnd, maxSndWnd, rttsUs } = one;
    return {
      stream: factsOf(stream),
      seconds: ((endMs ?? clock.now()) - begunMs) / 1000,
      bytes: stream.bytes,
      retransmits: retransmitsOf(one, one.resentBefore, retransmitsOfAll()),
      jitterMs: stream.arrivals?.jitterMs ?? 0,
      lost: stream.arrivals?.lost ?? 0,
      packets: stream.packets,
      outOfOrder: stream.arrivals?.outOfOrder ?? 0,
      ...{ maxCwnd, maxSndWnd },
      minRttUs: rttsUs.length === 0 ? 0 : Math.min(...rttsUs),
      maxRttUs: Math.max(0, ...rttsUs),
      meanRttUs: rttsUs.reduce((sum, each) => sum + each, 0) / Math.max(1, rttsUs.length),
    };
  }

  /** Now it counts: from zero. */
  function endOmitting(): void {
    cancelLook?.();
    if (clock.now() > lookedMs && intervalMs > 0) look(clock.now());
    for (const one of watched) {
      one.stream.forget();
      Object.assign(one, { bytes: 0, lost: 0, packets: 0 });
    }
    isOmitting = false;
    startCounting();
    arm();
  }

  function startCounting(): void {
    begunMs = lookedMs = movedMs = clock.now();
    retransmitsBefore = 0;
    retransmitsBefore = retransmitsNow();
    retransmitsLooked = 0;
    countResent();
    for (const one of senders) one.resentBefore = one.resentLooked = one.resent;
    areCounted = settings.protocol === "tcp" && senders.every(({ resent }) => resent >= 0);
    cpuBefore = { ...part.cpuTimes(), wallMs: begunMs };
  }

  return {
    sends: senders.length,
    get movedMs() {
      return movedMs;
    },
    bytes: (sends) =>
      part.streams.reduce((sum, one) => sum + (one.sends === sends ? one.bytes : 0), 0),
    begin() {
      startCounting();
      for (const { stream } of watched) stream.begin();
      if (omitMs > 0) cancelOmit = stack.after(omitMs, endOmitting);
      arm();
    },
    moved() {
      movedMs = clock.now();
    },
    hush() {
      for (const one of watched) {
        if (one.stream.sends) one.endMs ??= clock.now();
        one.stream.hush();
      }
    },
    deafen() {
      for (const one of watched) {
        if (one.stream.sends) continue;
        one.endMs ??= clock.now();
        one.stream.stop();
      }
    },
    isDrained: () => watched.every(({ stream }) => !stream.sends || stream.isDrained()),
    end(atMs) {
      if (isOver) return;
      isOver = true;
      cancelLook?.();
      cancelOmit?.();
      const endMs = atMs ?? clock.now();
      for (const one of watched) {
        one.endMs ??= endMs;
        one.stream.stop();
      }
      const restMs = endMs - lookedMs;
      const owes = watched.some((one) => one.stream.bytes > one.bytes);
      if (intervalMs > 0 && restMs > 0 && (owes || restMs >= LEAST_REST * intervalMs)) look(endMs);
      countResent();
      retransmitsEnd = retransmitsNow();
      cpu = cpuUse(cpuBefore, { ...part.cpuTimes(), wallMs: clock.now() });
    },
    counts: () => ({ totals: watched.map(totalOf), retransmits: retransmitsOfAll(), cpu }),
  };
}

function cpuUse(
  before: CpuTimes & { wallMs: number },
  after: CpuTimes & { wallMs: number },
): CpuUse {
  const wallMs = Math.max(1, after.wallMs - before.wallMs);
  const user = (100 * (after.userMs - before.userMs)) / wallMs;
  const system = (100 * (after.systemMs - before.systemMs)) / wallMs;
  return { total: user + system, user, system };
}

/** What this side tells the other. */
export function resultsOf(
  { cpu, totals }: Counts,
  { protocol }: Settings,
  serverOutput: unknown,
): Results {
  const sending = totals.filter(({ stream }) => stream.sends);
  const counts = sending.some(({ retransmits }) => retransmits !== undefined);
  return {
    cpu,
    hasRetransmits: sending.length === 0 ? -1 : counts ? 1 : 0,
    congestion: protocol === "tcp" ? CONGESTION : undefined,
    serverOutput,
    streams: totals.map((total): StreamResult => ({
      id: total.stream.id,
      bytes: total.bytes,
      retransmits: total.retransmits ?? -1,
      jitterMs: total.jitterMs,
      errors: total.lost,
      packets: total.packets,
      endSeconds: total.seconds,
    })),
  };
}

/** What the stack does, by the name that Linux has for it. */
export const CONGESTION = "reno";
