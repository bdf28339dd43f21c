// The records of a host named mote with a page, and what other hosts say about them.

import assert from "node:assert/strict";
import { OUR_ADDRESS, peerAddress } from "./frame.js";
import {
  dropReports,
  IN,
  type Message,
  type Record,
  setName,
  takeProbe,
  toGroup,
  type Told,
  TOP,
  Type,
} from "./mdns.js";
import { type Rig } from "./rig.js";

export const HTTP = "_http._tcp.local";
export const INSTANCE = `mote.${HTTP}`;
export const META = "_services._dns-sd._udp.local";
export const WEB = { "_http._tcp": 80 };

export const addressOf = (name: string, last: number, ttl = 120): Record => ({
  name,
  type: Type.A,
  class: TOP | IN,
  ttl,
  data: peerAddress(last),
});
export const response = (...answers: Record[]): Message => ({ answers });
/** The host's records, which go together; NSEC: of the first 256 types the first 8 have a bit each (section 6.1). */
export const host = (
  ttl = 120,
  unique = true,
  name = "mote.local",
  address = OUR_ADDRESS,
): Told[] => [
  { name, type: Type.A, unique, ttl, data: address.join(".") },
  { name, type: Type.NSEC, unique, ttl, data: `${name} 0 1 64` },
];
export const ptr = (ttl = 4500): Told => ({
  name: HTTP,
  type: Type.PTR,
  unique: false,
  ttl,
  data: INSTANCE,
});
export const srv = (ttl = 120, unique = true): Told => ({
  name: INSTANCE,
  type: Type.SRV,
  unique,
  ttl,
  data: "80 mote.local",
});
export const txt = (ttl = 4500, unique = true): Told => ({
  name: INSTANCE,
  type: Type.TXT,
  unique,
  ttl,
  data: "",
});
export const kind = (ttl = 4500): Told => ({
  name: META,
  type: Type.PTR,
  unique: false,
  ttl,
  data: HTTP,
});

/** A question that the stack hears; nothing else waits to be sent. */
export function ask(rig: Rig, message: Message, peer = 10): void {
  rig.inject(toGroup(peer, message));
}

/** Names the stack, and lets so many probes leave. */
export function probing(rig: Rig, probes: number, name = "mote"): void {
  assert.equal(setName(rig, name), 0);
  for (let i = 0; i < probes; i++) {
    for (let ms = 0; ms < 300 && rig.sent.length === 0; ms++) {
      rig.advance(1);
      dropReports(rig);
    }
    takeProbe(rig, `${name}.local`);
  }
}
