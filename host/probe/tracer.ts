// Finds the routers on the way: echo requests that may pass one more with each round (their TTL), and whoever
// throws one away says so. The probes of a round leave together; the next round waits for their answers.

import type { Stack } from "../core/stack.js";
import { createEchoSender, type EchoAnswer } from "./echo.js";
import { icmpMark } from "./icmp.js";

export interface TracePlan {
  readonly address: string;
  readonly maxHops: number;
  readonly queries: number;
  readonly waitMs: number;
}

/** What became of each probe of a round, in their order; null: silence. */
export interface Hop {
  readonly ttl: number;
  readonly probes: readonly (EchoAnswer | null)[];
}

export interface TraceEvents {
  /** The first probes are on their way. */
  begun(): void;
  hop(hop: Hop): void;
  /** `reached`: the host itself has answered. */
  done(reached: boolean): void;
  /** Probes cannot be sent. */
  failed(error: unknown): void;
}

/** Bytes of data of a probe: with its headers it has 60. */
export const PROBE_BYTES = 32;

export function startTracer(stack: Stack, plan: TracePlan, events: TraceEvents): { stop(): void } {
  const { maxHops, queries, waitMs } = plan;
  let ttl = 0;
  let probes: (EchoAnswer | null)[] = [];
  /** The first router, or the host itself, does not answer when its MAC is asked for. */
  let stuck = false;
  let over = false;
  let cancel = (): void => undefined;

  const first = (): number => (ttl - 1) * queries + 1;

  const sender = createEchoSender(stack, plan.address, PROBE_BYTES, (answer) => {
    const index = answer.sequence - first();
    if (answer.address === null) stuck = true;
    // What comes after its round is nobody's.
    if (over || index < 0 || probes[index] !== null) return;
    probes[index] = answer;
    if (!probes.includes(null)) end();
  });

  function close(): boolean {
    if (over) return false;
    over = true;
    cancel();
    sender.close();
    return true;
  }

  function stop(reached = false): void {
    if (close()) events.done(reached);
  }

  function begin(): void {
    ttl++;
    probes = Array.from({ length: queries }, () => null);
    try {
      for (let i = 0; i < queries; i++) sender.send(first() + i, ttl);
    } catch (error) {
      if (close()) events.failed(error);
      return;
    }
    if (ttl === 1) events.begun();
    cancel = stack.after(waitMs, end);
  }

  function end(): void {
    cancel();
    events.hop({ ttl, probes });
    const answers = probes.filter((probe) => probe !== null);
    const reached = answers.some(({ error }) => error === null);
    const refused = answers.some(({ error }) => error !== null && icmpMark(error) !== "");
    if (reached || refused || stuck || ttl === maxHops) stop(reached);
    else begin();
  }

  begin();
  return { stop: () => stop() };
}
