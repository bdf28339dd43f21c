// What stands of the IP header before a packet: [ect0], (tos 0x10), (dscp ef, ecn ce, ttl 64),
// (df), (nodf), (id 7). All of it may be left out.

import type { Cursor } from "./cursor.js";
import { unsupported } from "./errors.js";
import type { IpInfo } from "./script.js";

const ECN: Readonly<Record<string, number>> = { noecn: 0, ect1: 1, ect0: 2, ce: 3 };

/** RFC 2474, 2597, 3246, 5865, 8622. */
const DSCP: Readonly<Record<string, number>> = {
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`cs${n}`, 8 * n])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((c) => [1, 2, 3].map((d) => [`af${c}${d}`, 8 * c + 2 * d])),
  ),
  ef: 46,
  "voice-admit": 44,
  voice_admit: 44,
  le: 1,
};

const KNOWN = "noecn, ect0, ect1, ect01, ce, ecn, dscp, tos, ttl, df, nodf or id";

export function parseIpInfo(cursor: Cursor): IpInfo {
  const close = cursor.at("[") ? "]" : cursor.at("(") ? ")" : undefined;
  if (close === undefined) return {};
  cursor.next();
  let info: IpInfo = {};
  do info = { ...info, ...parsePart(cursor, info) };
  while (cursor.accept(","));
  cursor.expect(close, `, or ${close}`);
  return info;
}

function parsePart(cursor: Cursor, before: IpInfo): IpInfo {
  const token = cursor.peek();
  const tos = (value: number, mask: number): IpInfo => ({
    tos: (before.tos ?? 0) | value,
    tosMask: (before.tosMask ?? 0) | mask,
  });
  if (token.kind !== "word") return cursor.fail(KNOWN);
  cursor.next();
  switch (token.text) {
    case "ecn":
      return parsePart(cursor, before);
    case "ect01":
      return { anyEct: true };
    case "tos":
    case "class":
      return { tos: cursor.integer("eight bits", 255), tosMask: 255 };
    case "dscp": {
      const name = cursor.peek();
      const known = DSCP[name.text.toLowerCase()];
      if (known === undefined) return tos(cursor.integer("a DSCP", 63) << 2, 252);
      cursor.next();
      return tos(known << 2, 252);
    }
    case "ttl":
      return { ttl: cursor.integer("hops", 255) };
    case "df":
      return { dontFragment: true };
    case "nodf":
      return { dontFragment: false };
    case "id":
      cursor.integer("the identification", 65535);
      return {};
    case "flowlabel":
    case "hlim":
      throw unsupported(`${token.text} belongs to IPv6, which this stack does not read yet`, token);
    default: {
      const ecn = ECN[token.text];
      return ecn === undefined ? cursor.fail(KNOWN, token) : tos(ecn, 3);
    }
  }
}
