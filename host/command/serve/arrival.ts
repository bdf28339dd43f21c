// When serving begins, as people see it: at once where the address is known, else when one comes; and what
// becomes of it later. Input: the place and the reports of its stack; output: calls of the reporter.

import type { AddressReport } from "./messages.js";
import type { Place } from "./place.js";
import type { Reporter } from "./reporter.js";

export interface Arrival {
  /** The place is open. */
  opened(place: Place, reason: string | undefined): void;
  /** The stack has another address, or none, or has not found a server yet. */
  address(report: AddressReport): void;
  /** People have seen where it serves. */
  readonly begun: boolean;
}

export function createArrival(reporter: Reporter, begin: () => void): Arrival {
  let place: Place | undefined;
  let why: string | undefined;
  let last: AddressReport | undefined;
  let begun = false;
  let alone = false;

  function start(at: Place): void {
    begun = true;
    reporter.started(at, why);
    begin();
  }

  function take(report: AddressReport, at: Place): void {
    const before = last?.address ?? null;
    last = report;
    if (begun) {
      if (report.address !== before) reporter.address(report);
    } else if (report.address !== null) start(withAddress(at, report));
    else if (!alone) {
      alone = true;
      reporter.unanswered();
    }
  }

  return {
    opened(at, reason) {
      place = at;
      why = reason;
      if (at.stackAddress !== "") return start(at);
      reporter.waiting(at);
      const early = last;
      last = undefined;
      if (early !== undefined) take(early, at);
    },
    address(report) {
      if (place === undefined) last = report;
      else take(report, place);
    },
    get begun() {
      return begun;
    },
  };
}

function withAddress(place: Place, report: AddressReport): Place {
  const stackAddress = report.address!;
  const address = stackAddress.split("/")[0]!;
  return { ...place, address, stackAddress, addressBy: sourceOf(report) };
}

/** Where an address comes from, for people. */
export function sourceOf({ linkLocal, server }: AddressReport): string {
  return linkLocal ? "link-local: no DHCP server answers" : `by DHCP from ${server}`;
}
