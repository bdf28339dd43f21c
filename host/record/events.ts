// What a replay can be played up to: a time, or the first event of a kind. Input: the word that names it; output: a look at
// each moment, which says when it has come.

import { StateName as stateNames } from "../core/generated/abi.js";
import { readCounters, type CounterName } from "../core/observe.js";
import type { Core } from "../core/core.js";
import type { Segment } from "../dissect/conversations.js";
import type { Packet } from "../dissect/packet.js";
import { FIN, RST, SYN } from "../dissect/tcp.js";
import { Word } from "../dissect/words.js";
import { suggestion } from "../suggest.js";
import type { Moment } from "./moments.js";

/** A frame with what it means. */
export interface SeenSegment {
  readonly packet: Packet;
  /** null: no TCP. */
  readonly segment: Segment | null;
}

/** Why it has come, "7 ↔ 49152 is in ESTABLISHED"; null: it has not. */
export type Until = (moment: Moment, frames: readonly SeenSegment[]) => string | null;

/** Each kind with what stands behind "=", as people write it. */
export const EVENT_FORMS: Readonly<Record<string, string>> = {
  seconds: "2.5: so many seconds of the stack's clock",
  state: "state=CLOSE_WAIT: a connection comes into it",
  segment: "segment=12: so many TCP segments have passed, in or out",
  call: "call=1000: the call of the core with this number",
  syn: "syn: a segment with SYN",
  fin: "fin: a segment with FIN",
  rst: "rst: a segment with RST",
  retransmission: "retransmission: a segment comes again",
  "zero-window": "zero-window: a segment that offers none",
  drop: "drop: the stack drops something, and counts why",
};

const FLAGS: Readonly<Record<string, number>> = { syn: SYN, fin: FIN, rst: RST };

const AGAIN: readonly string[] = [
  Word.RETRANSMISSION,
  Word.FAST_RETRANSMISSION,
  Word.SPURIOUS_RETRANSMISSION,
];

const states = (Object.values(stateNames) as unknown[]).filter(
  (name): name is string => typeof name === "string",
);

/** Throws EINVAL, with what would be right. */
export function parseUntil(word: string): (core: Core) => Until {
  if (/^\d+(\.\d+)?$/.test(word)) return atTime(1e6 * Number(word));
  const [, kind = "", value = ""] = /^([a-z-]+)(?:=(.+))?$/i.exec(word) ?? [];
  switch (kind) {
    case "state":
      return atState(parseState(value));
    case "segment":
      return atSegment(parseCount(kind, value));
    case "call":
      return atCall(parseCount(kind, value));
    case "retransmission":
      return withWord(AGAIN);
    case "zero-window":
      return withWord([Word.ZERO_WINDOW]);
    case "drop":
      return atDrop;
  }
  const flag = FLAGS[kind];
  if (flag !== undefined && value === "") return withFlag(kind, flag);
  const hint = suggestion(kind, Object.keys(EVENT_FORMS));
  throw invalid(`nothing is called "${word}"${hint}: ${Object.keys(EVENT_FORMS).join(", ")}`);
}

/** "CLOSE-WAIT", in whatever letters it was written. */
export function parseState(given: string): string {
  if (given === "") throw invalid("state=STATE, as in state=CLOSE_WAIT");
  const wanted = given.toUpperCase().replaceAll("_", "-");
  if (states.includes(wanted)) return wanted;
  throw invalid(`no state is called "${given}"${suggestion(wanted, states)}`);
}

function parseCount(kind: string, word: string): number {
  if (/^\d{1,12}$/.test(word)) return Number(word);
  throw invalid(`${kind}=NUMBER, as in ${kind}=12`);
}

const invalid = (text: string): Error => Object.assign(new RangeError(text), { code: "EINVAL" });

const atTime = (untilUs: number) => (): Until => (moment) =>
  moment.atUs > untilUs ? `${(untilUs / 1e6).toFixed(6)} s have passed` : null;

export const atState = (state: string) => (): Until => (moment) => {
  const reached = moment.transitions.find(({ to }) => to === state);
  return reached === undefined ? null : `${reached.ports} is in ${reached.to}`;
};

const atCall = (number: number) => (): Until => (moment) =>
  moment.call.index >= number ? `call ${moment.call.index}, ${moment.call.name}` : null;

function atSegment(number: number): () => Until {
  return () => {
    let seen = 0;
    return (_moment, frames) => {
      seen += frames.filter(({ segment }) => segment !== null).length;
      return seen >= number ? `segment ${number}` : null;
    };
  };
}

const withFlag = (kind: string, flag: number) => (): Until => (_moment, frames) => {
  const found = frames.some(({ packet }) => ((packet.tcp?.flags ?? 0) & flag) !== 0);
  return found ? `a segment with ${kind.toUpperCase()}` : null;
};

const withWord = (wanted: readonly string[]) => (): Until => (_moment, frames) => {
  const words = frames.flatMap(({ segment }) => segment?.words ?? []);
  return words.find((word) => wanted.includes(word)) ?? null;
};

/** Counters that say why something was dropped. */
function atDrop(core: Core): Until {
  const dropsOf = () =>
    Object.entries(readCounters(core)).filter(([name]) => name.startsWith("drop_")) as [
      CounterName,
      number,
    ][];
  let before = new Map(dropsOf());
  return () => {
    const now = dropsOf();
    const risen = now.find(([name, count]) => count !== before.get(name));
    before = new Map(now);
    return risen === undefined ? null : `the counter ${risen[0]} rises`;
  };
}
