// Filters in the words that people know from tcpdump: "host 198.18.0.2 and port 80", "not arp", "syn or rst". Input:
// the text; output: a predicate for packets, or an error that points at the word where it does not fit.

import type { Packet } from "../packet.js";
import { parseFilter } from "./parser.js";

export { FilterError } from "./lexer.js";

export type Filter = (packet: Packet) => boolean;

/** An empty text lets everything through. Throws a FilterError. */
export function createFilter(text: string): Filter {
  return text.trim() === "" ? () => true : parseFilter(text);
}
