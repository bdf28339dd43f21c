// What a scenario is: a row of the catalogue with its words, how its world is set up, and the script that makes it
// happen and says what must come of it.

import type { OptionName } from "../core/observe.js";
import type { Expect } from "./expect.js";
import type { World } from "./world.js";

/** The two hosts: whoever opens is on the left. */
export type Side = "client" | "server";

export const other = (side: Side): Side => (side === "client" ? "server" : "client");

/** A part of the life of a connection, in reading order. */
export type Family = "opening" | "data" | "closing" | "looking";

/** How its world differs from the usual one. */
export interface Setup {
  /** Bytes of an IP packet. Default 1500. */
  readonly mtu?: number;
  /** How long a frame takes from one host to the other, ms. Default 10. */
  readonly delayMs?: number;
  /** Options of both stacks, or of one. */
  readonly options?: Options;
  readonly clientOptions?: Options;
  readonly serverOptions?: Options;
}

export type Options = Readonly<Partial<Record<OptionName, number>>>;

/** What its ladder shows beside flags and numbers. */
export interface Showing {
  readonly windows?: boolean;
  /** Options of SYNs. */
  readonly options?: boolean;
  /** There is one host only. */
  readonly alone?: boolean;
  /** What stands for the initial numbers of both sides. Default 0. */
  readonly bases?: Readonly<Record<Side, number>>;
}

export interface Scenario {
  /** "O5". */
  readonly id: string;
  readonly family: Family;
  readonly title: string;
  /** What it shows, in a few sentences. */
  readonly shows: string;
  /** Where to look, one by one. */
  readonly look: readonly string[];
  /** Why it is so, with the section that says it. */
  readonly why: string;
  readonly setup?: Setup;
  readonly showing?: Showing;
  /** Makes it happen, and says what must come of it. */
  readonly script: (world: World, expect: Expect) => Promise<void>;
}
