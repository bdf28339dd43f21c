// What an interface has by DHCP (RFC 2131, 2132) or by itself (RFC 3927): a record for each.

import { LEASE_BYTES, LEASES } from "../memory";


@unmanaged
export class Lease {
  /** LeaseState. */
  state: u8;
  /** Auto: what was asked for. */
  auto: u8;
  /** Number of the leased address, in use or being probed; 0: there is none. */
  local: u8;
  /** Number of the link-local address, in use or being probed; 0: there is none. */
  linkLocal: u8;
  /** Messages of this state sent without an answer. */
  tries: u32;
  /** The leased address, or the one that was offered last. */
  address: u32;
  /** Network mask of the lease or the offer. */
  mask: u32;
  /** The server that gave the lease, or made the offer. */
  server: u32;
  /** Router; 0: the server named none. From here to `mtu` all is 0 while there is no lease. */
  router: u32;
  /** Name servers; 0: the server named none, or just one. */
  nameServer: u32;
  nameServer2: u32;
  /** Time servers; 0: the server named none, or just one. */
  timeServer: u32;
  timeServer2: u32;
  /** Seconds that the lease lasts from when it was asked for; 0xffffffff: for ever. */
  seconds: u32;
  /** T1 and T2: seconds after which the server, and any server, is asked to go on. */
  renewSeconds: u32;
  rebindSeconds: u32;
  /** Bytes of a packet that the interface has by the lease; 0: the server named none, or no fewer. */
  mtu: u32;
  /** MTU of the interface without the lease. */
  linkMtu: u32;
  /** Seconds since the lease was asked for. */
  ageSeconds: u32;
  /** When ageSeconds was right, ms. */
  agedMs: u32;
  /** When servers were first asked for what is asked for now, ms. */
  startedMs: u32;
  /** When they were asked last, ms, the request for an offer not counted: `secs` of the messages. */
  askedMs: u32;
  /** Identifies our question. */
  transaction: u32;
  /** DHCPNAKs since an address was in use. */
  naks: u32;
  /** Link-local addresses that other stations had. */
  linkLocalConflicts: u32;
}

if (offsetof<Lease>() != LEASE_BYTES) ERROR("LEASE_BYTES");

export function leaseAt(iface: u32): Lease {
  return changetype<Lease>(LEASES + <usize>iface * LEASE_BYTES);
}

/** The lease that is being worked on, and its interface: scratch of one call. */
export let lease: Lease = changetype<Lease>(0);
export let leased: u32 = 0;

/** Makes the lease of an interface the current one. Behind the last lies a state of 0, for loopback. */
export function selectLease(iface: u32): void {
  leased = iface;
  lease = leaseAt(iface);
}
