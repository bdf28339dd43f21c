// What an interface has by DHCP (RFC 2131, 2132) or by itself (RFC 3927).

import { LEASE_BYTES, LEASES } from "../memory";


@unmanaged
export class Lease {
  /** LeaseState. */
  state: u8;
  /** Auto: what was asked for. */
  auto: u8;
  /** Messages of this state sent without an answer. */
  tries: u8;
  /** 1: the address in use is a link-local one. */
  linkLocal: u8;
  /** Handle of the address in use or being probed; 0: there is none. */
  handle: u32;
  /** The leased address, or the one that was offered; 0: there is none. */
  address: u32;
  /** Network mask of the lease. */
  mask: u32;
  /** The server that gave the lease. */
  server: u32;
  /** Router; 0: the server named none. */
  router: u32;
  /** Name servers; 0: the server named none, or just one. */
  nameServer: u32;
  nameServer2: u32;
  /** Time servers; 0: the server named none, or just one. */
  timeServer: u32;
  timeServer2: u32;
  /** Seconds that the lease lasts from when it was given; 0xffffffff: for ever. */
  seconds: u32;
  /** T1 and T2: seconds after which the server, and any server, is asked to go on. */
  renewSeconds: u32;
  rebindSeconds: u32;
  /** Seconds since the lease was asked for. */
  ageSeconds: u32;
  /** When ageSeconds was right, ms. */
  agedMs: u32;
  /** When this state was entered first, ms: `secs` of the messages. */
  startedMs: u32;
  /** Identifies our question. */
  transaction: u32;
  /** The link-local address; 0: none was tried yet. */
  linkLocalAddress: u32;
  /** Handle of the link-local address; 0: it is not in use. */
  linkLocalHandle: u32;
  /** Link-local addresses that other stations had. */
  linkLocalConflicts: u16;
  /** Bytes of a packet that the server names; 0: it names none. */
  mtu: u16;
  /** MTU of the interface without the lease. */
  linkMtu: u32;
}

if (offsetof<Lease>() != LEASE_BYTES) ERROR("LEASE_BYTES");

export function leaseAt(iface: u32): Lease {
  return changetype<Lease>(LEASES + <usize>iface * LEASE_BYTES);
}
