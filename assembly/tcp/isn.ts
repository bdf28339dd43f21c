// Numbers that outsiders must not predict: initial sequence numbers (RFC 6528), timestamp offsets
// (RFC 7323 section 5.4) and ephemeral ports (RFC 6056), each SipHash under a domain of its own.

import { EPHEMERAL_COUNT, EPHEMERAL_FIRST, FINE_ISN, PORTS_IN_TURN } from "../config";
import { globals } from "../globals";
import { random, sipHash } from "../hash";
import { localOf } from "../ip/address";
import { addressCopy } from "../ip/addressing";
import { ADDRESS_BYTES, HASH_INPUT } from "../memory";
import { both } from "../order";
import { seqLeq } from "./seq";
import { Endpoint, portsOf, remoteOf } from "./tcb";

const DOMAIN_ISN: u32 = 1;
const DOMAIN_TIMESTAMP: u32 = 2;
const DOMAIN_PORT: u32 = 4;

/** 32 bits that nobody without our key can tell from chance. */
export function tupleHash(domain: u32, e: Endpoint): u32 {
  store<u32>(HASH_INPUT, domain);
  store<u32>(HASH_INPUT, portsOf(e), 4);
  addressCopy(HASH_INPUT + 8, localOf(e.address));
  addressCopy(HASH_INPUT + 8 + ADDRESS_BYTES, remoteOf(e));
  return <u32>sipHash(globals.key0, globals.key1, HASH_INPUT, 8 + 2 * ADDRESS_BYTES);
}

/** RFC 6528 section 3: M + F(4-tuple, secret), M one tick for each 4 microseconds. RFC 6191, RFC 1122
 * 4.2.2.13: beyond the numbers of the connection before, whose SND.NXT is after; 0: there is none. */
export function initialSequence(e: Endpoint, after: u32): u32 {
  const iss = globals.nowMs * 250 + fineTicks() + tupleHash(DOMAIN_ISN, e);
  return both(after != 0, seqLeq(iss, after)) ? after + 0x10000 : iss;
}

/** What is added to nowMs in our timestamps for this 4-tuple. */
export function timestampOffset(e: Endpoint): u32 {
  return tupleHash(DOMAIN_TIMESTAMP, e);
}

/** Ticks of M since nowMs began: the two clocks are one, and wrap together. */
function fineTicks(): u32 {
  return FINE_ISN ? <u32>((<i32>(globals.nowUs - globals.nowMs * 1000)) >> 2) : 0;
}

/** Where the search for a port begins: anywhere (RFC 6056 section 3.3.1); where connections are many, a step
 * further for each (3.3.3), so that a port which the peer has in TIME-WAIT is not used again soon. */
export function firstPort(e: Endpoint): u32 {
  return PORTS_IN_TURN ? tupleHash(DOMAIN_PORT, e) + globals.portCounter++ : random();
}

export function ephemeralPort(first: u32, attempt: u32): u32 {
  return EPHEMERAL_FIRST + ((first + attempt) & (EPHEMERAL_COUNT - 1));
}
