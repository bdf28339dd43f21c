// The ladder of a scenario: what happened between two hosts, from above to below, with the states that their stacks
// really were in. A segment has one row, from bar to bar, unless the other side did something while it was under way;
// then it leaves on one row and arrives on another, as in the figures of RFC 9293.

import {
  arrowLines,
  besideText,
  innerColumns,
  namesText,
  rowText,
  wrapped,
  type Reach,
} from "../dissect/ladder.js";
import { optionText } from "../dissect/tcpOptions.js";
import { plus } from "../dissect/sequence.js";
import { SYN, URG } from "../dissect/tcp.js";
import { labelOfFlight, shownNumbers, type Beginnings, type Event, type Flight } from "./log.js";
import { other, type Showing, type Side } from "./scenario.js";

export interface Drawn {
  readonly events: readonly Event[];
  readonly beginnings: Beginnings;
  readonly addresses: Readonly<Record<Side, string>>;
  readonly showing: Showing;
}

type Leaving = Event & { readonly kind: "leaves" };
type Moving = Event & { readonly kind: "leaves" | "arrives" };
type Change = Event & { readonly kind: "state" };

export function drawLadder(drawn: Drawn, width: number): string[] {
  const { beginnings, addresses, showing } = drawn;
  const { events } = drawn;
  const inner = innerColumns(width);
  const startMs = events.find(({ kind }) => kind !== "remark")?.atMs ?? 0;
  const taken = new Set<Event>();
  const lines: string[] = [];
  const begun = new Set<string>();
  let key = "";
  let lastMs = NaN;

  /** A time stands where it differs from the one above. */
  function timeOf(atMs: number): string {
    if (atMs === lastMs) return "";
    lastMs = atMs;
    return secondsText(atMs - startMs);
  }

  function head(event: Event): void {
    if (event.key === "" || event.key === key) return;
    key = event.key;
    const [clientPort, serverPort] = key.split(":");
    if (lines.length > 0) lines.push("");
    const left = `${addresses.client}:${clientPort}`;
    const right = showing.alone === true ? "" : `${addresses.server}:${serverPort}`;
    lines.push(namesText(left, right, width).trimEnd());
    const first = beginnings.get(key);
    if (first !== undefined && !begun.has(key))
      row("", first.client, showing.alone === true ? "" : first.server);
    begun.add(key);
  }

  function row(time: string, client: string, server: string, between = " ".repeat(inner)): void {
    lines.push(rowText(time, { client, server }, between));
  }

  const beside = (side: Side, text: string): [string, string] =>
    side === "client" ? [text, ""] : ["", text];

  /** What its side does in the same conversation behind an event. */
  function following({ side, key: ofKey }: Event, index: number): Event[] {
    return events
      .slice(index + 1)
      .filter((event) => event.side === side && event.key === ofKey && event.kind !== "remark");
  }

  /** The changes of state that come of an event, before the side does anything else. */
  function statesBehind(index: number): Change[] {
    const behind = following(events[index]!, index);
    const end = behind.findIndex(
      ({ kind, atMs }) => kind !== "state" || atMs !== events[index]!.atMs,
    );
    const found = end < 0 ? behind : behind.slice(0, end);
    return found.filter((event) => event.kind === "state");
  }

  function drawSegment(event: Leaving, index: number, states: Record<Side, string>): void {
    const { flight } = event;
    const arrival = events.findIndex((each) => each.kind === "arrives" && each.flight === flight);
    const isWhole = arrival >= 0 && !isCrossed(events, index, arrival, taken);
    if (!isWhole) {
      const reach: Reach = flight.isLost ? "lost" : "leaves";
      // What nobody has sent now has no beginning.
      if (flight.isForged && reach === "leaves") return;
      return drawArrow(event, reach, states, []);
    }
    taken.add(events[arrival]!);
    drawArrow(event, flight.isForged ? "arrives" : "whole", states, statesBehind(arrival));
  }

  function drawArrow(
    { flight, atMs, side }: Moving,
    reach: Reach,
    states: Record<Side, string>,
    behind: Change[],
  ): void {
    const to = other(flight.from);
    const [first, ...rest] = behind;
    const shown = { ...states };
    if (first !== undefined) shown[to] = first.to;
    const isSecond = reach === "arrives" && side === to;
    const above = isSecond ? [] : aboveOf(flight, showing, inner);
    const arrow = arrowLines(
      labelOfFlight(flight, showing),
      flight.from === "client",
      inner,
      reach,
    );
    for (const text of [...above, ...arrow.slice(0, -1)]) lines.push(besideText(text, inner));
    row(timeOf(atMs), shown.client, shown.server, arrow.at(-1)!);
    for (const state of rest) row("", ...beside(to, state.to));
    for (const state of behind) taken.add(state);
  }

  events.forEach((event, index) => {
    if (taken.has(event)) return;
    if (event.kind === "remark") {
      for (const text of wrapped(event.text, inner)) lines.push(besideText(text, inner));
      return;
    }
    head(event);
    switch (event.kind) {
      case "call":
        return row(timeOf(event.atMs), ...beside(event.side, event.text));
      case "leaves":
        return drawSegment(event, index, { client: "", server: "" });
      case "arrives":
        return drawArrow(event, "arrives", { client: "", server: "" }, statesBehind(index));
      case "state": {
        // A state that a segment leaves in stands beside that segment.
        const [next] = following(event, index);
        if (next?.kind === "leaves" && next.atMs === event.atMs) {
          taken.add(next);
          const states = { client: "", server: "", [event.side]: event.to };
          return drawSegment(next, events.indexOf(next), states);
        }
        return row(timeOf(event.atMs), ...beside(event.side, event.to));
      }
    }
  });
  return lines;
}

/** The side that a segment goes to does something while it is under way, other than hear what left before it. */
function isCrossed(
  events: readonly Event[],
  left: number,
  arrived: number,
  taken: ReadonlySet<Event>,
): boolean {
  const to = other(events[left]!.side);
  return events.slice(left + 1, arrived).some((event) => {
    if (event.side !== to || taken.has(event) || event.kind === "remark") return false;
    return event.kind !== "state" || event.cause === "TIMEOUT";
  });
}

/** Wireshark's words, and options that tell something. */
function aboveOf(flight: Flight, showing: Showing, inner: number): string[] {
  const { segment, tcp } = flight;
  const words = segment.words.map((word) => `[${word}]`);
  const sacks = segment.sacks.map(([left, right]) => `${left}-${right}`).join(" ");
  const offered = showing.options === true && (tcp.flags & SYN) !== 0;
  const options = tcp.options
    .filter(({ name }) => name !== "nop" && name !== "eol")
    .map((option) => (option.name === "TS" ? "TS" : optionText(option, (number) => number)));
  const texts = [
    ...words,
    ...(tcp.flags & URG ? [`<urgent up to ${urgentEnd(flight, showing)}>`] : []),
    ...(sacks === "" ? [] : [`<SACK ${sacks}>`]),
    ...(offered && options.length > 0 ? [`<${options.join(", ")}>`] : []),
  ];
  return texts.flatMap((text) => wrapped(text, inner));
}

const urgentEnd = (flight: Flight, showing: Showing): number =>
  plus(shownNumbers(flight, showing).sequence, flight.tcp.urgent);

/** Seconds, to the millisecond. */
export function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}
