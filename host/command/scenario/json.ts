// Scenarios as JSON, an object on each line.

import { flagLetters } from "../../dissect/tcp.js";
import { families, scenarios } from "../../scenario/catalogue.js";
import { labelOfFlight, shownNumbers, type Event } from "../../scenario/log.js";
import type { Outcome } from "../../scenario/run.js";
import type { Showing } from "../../scenario/scenario.js";

export function listJson(): string[] {
  const title = new Map(families.map((each) => [each.family, each.title]));
  return scenarios.map(({ id, family, title: name, shows }) =>
    JSON.stringify({ event: "listed", id, family: title.get(family), title: name, shows }),
  );
}

export function outcomeJson(outcome: Outcome): string {
  const { scenario, seed, failures, checked, tookMs, histories, sheets, events } = outcome;
  const { id, family, title, shows, look, why, showing = {} } = scenario;
  const startMs = events[0]?.atMs ?? 0;
  return JSON.stringify({
    event: "scenario",
    ...{ id, family, title, shows, look, why, seed },
    passed: failures.length === 0,
    ...{ checked, failures, virtualMs: tookMs, histories, sheets },
    // The arrival of a segment stands beside its departure.
    events: events
      .filter(({ kind }) => kind !== "arrives")
      .map((event) => ({ atMs: event.atMs - startMs, ...eventObject(event, showing, startMs) })),
  });
}

function eventObject(event: Event, showing: Showing, startMs: number): object {
  const { side, kind } = event;
  switch (kind) {
    case "call":
    case "remark":
      return kind === "call" ? { kind, side, text: event.text } : { kind, text: event.text };
    case "state":
      return { kind, side, from: event.from, to: event.to, cause: event.cause };
    case "leaves":
    case "arrives": {
      const { flight } = event;
      const { tcp, segment, arrivedMs } = flight;
      return {
        kind: "segment",
        from: flight.from,
        label: labelOfFlight(flight, showing),
        flags: flagLetters(tcp.flags),
        ...shownNumbers(flight, showing),
        window: segment.windowBytes,
        length: tcp.dataBytes,
        words: segment.words,
        lost: flight.isLost,
        forged: flight.isForged,
        arrivedMs: arrivedMs === null ? null : arrivedMs - startMs,
      };
    }
  }
}
