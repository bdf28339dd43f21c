// Answers of DHCP servers: which are believed, and what a lease brings to its interface.

import { get16, get32, get8 } from "../bytes";
import { PATH_MTU } from "../config";
import { Counter, LeaseState } from "../constants";
import { findAny, isEdge } from "../ip/address";
import { isNoHost, putV4 } from "../ip/addressing";
import { interfaceAt, macOf, routerOf, SMALLEST_MTU } from "../link/interface";
import { both, either } from "../order";
import { linkUp } from "../tcp/abandon";
import { macEqual } from "../wire/ethernet";
import { Lease, lease, leased } from "./lease";
import {
  ACK,
  messageAddress,
  messageMac,
  messageTransaction,
  NAK,
  OFFER,
  option,
  OPTION_LEASE,
  OPTION_MASK,
  OPTION_MTU,
  OPTION_NAME_SERVERS,
  OPTION_REBIND,
  OPTION_RENEW,
  OPTION_ROUTER,
  OPTION_SERVER,
  OPTION_TIME_SERVERS,
  OPTION_TYPE,
  optionAt,
  readMessage,
} from "./message";

// Sets of states: a bit each.
const SELECTING: u32 = 1 << LeaseState.SELECTING;
/** Those that wait for a DHCPACK or DHCPNAK. */
const ASKING: u32 =
  (1 << LeaseState.REQUESTING) |
  (1 << LeaseState.REBOOTING) |
  (1 << LeaseState.RENEWING) |
  (1 << LeaseState.REBINDING);
/** Those that ask one server. */
const ASKING_ONE: u32 = (1 << LeaseState.REQUESTING) | (1 << LeaseState.RENEWING);

/** What a lease brings; all 0 without one. */
const LEASE_FIELDS: usize = offsetof<Lease>("router");
const LEASE_FIELD_BYTES: usize = offsetof<Lease>("linkMtu") - LEASE_FIELDS;

export function answerType(): u32 {
  return get8(optionAt(OPTION_TYPE));
}

/** The mask for an address in the message that was read. */
function maskFor(v4: u32): u32 {
  const mask = option(OPTION_MASK);
  // RFC 791 section 3.2: one byte, and one more for each bit that the first byte begins with.
  return mask != 0 ? mask : (256 << (clz(~(v4 << 24)) << 3)) - 1;
}

/** The Counter of why a message of len bytes at p is not believed, or 0: then the lease has its address, mask
 * and server. */
export function judge(p: usize, len: u32): u32 {
  if (!readMessage(p, len)) return Counter.DROP_DHCP_MALFORMED;
  const type = answerType();
  const server = option(OPTION_SERVER);
  const v4 = messageAddress(p);
  const mask = maskFor(v4);
  const hosts = ~bswap<u32>(mask);
  const holes = (hosts & (hosts + 1)) != 0;
  const noLease = either(either(holes, option(OPTION_LEASE) == 0), isNoHost(v4));
  const broken = both(type != NAK, either(noLease, isEdge(v4, mask, v4)));
  if (either(broken, isNoHost(server))) return Counter.DROP_DHCP_MALFORMED;
  const state: u32 = 1 << lease.state;
  const fitting = type == OFFER ? SELECTING : type - ACK <= NAK - ACK ? ASKING : 0;
  const asked = both((state & fitting) != 0, messageTransaction(p) == lease.transaction);
  const own = findAny(v4);
  // An address of ours that is not by this lease stays what it is.
  const fits =
    type == OFFER
      ? either(own < 0, own == <i32>lease.local)
      : either(type == NAK, v4 == lease.address);
  const told = either((state & ASKING_ONE) == 0, server == lease.server);
  if (!both(both(asked, fits), both(told, macEqual(messageMac(p), macOf(leased)))))
    return Counter.DROP_DHCP_UNRELATED;
  lease.address = v4;
  lease.mask = mask;
  lease.server = server;
  return 0;
}

/** Takes what the lease in the message that was read brings, but for the address. */
export function takeLease(): void {
  withdrawLease();
  const names = load<u64>(optionAt(OPTION_NAME_SERVERS));
  store<u64>(changetype<usize>(lease), names, offsetof<Lease>("nameServer"));
  const times = load<u64>(optionAt(OPTION_TIME_SERVERS));
  store<u64>(changetype<usize>(lease), times, offsetof<Lease>("timeServer"));
  takeTimes();
  const router = option(OPTION_ROUTER);
  if (!isNoHost(router)) {
    lease.router = router;
    putV4(routerOf(leased), router);
  }
  const f = interfaceAt(leased);
  const mtu = get16(optionAt(OPTION_MTU));
  if (mtu - SMALLEST_MTU >= f.mtu - SMALLEST_MTU) return; // more than there is, or too few
  lease.linkMtu = f.mtu;
  lease.mtu = mtu;
  f.mtu = mtu;
  if (PATH_MTU) linkUp(leased);
}

/** RFC 2131 section 4.4.5: the times of a lease, which began when it was asked for. */
function takeTimes(): void {
  const seconds = get32(optionAt(OPTION_LEASE));
  let renew = get32(optionAt(OPTION_RENEW));
  let rebind = get32(optionAt(OPTION_REBIND));
  if (either(renew == 0, either(renew >= rebind, rebind >= seconds))) {
    // Never 0, however short the lease: that would be asking without a pause.
    renew = seconds - (seconds >> 1);
    rebind = seconds - (seconds >> 3);
  }
  lease.seconds = seconds;
  lease.renewSeconds = renew;
  lease.rebindSeconds = rebind;
  lease.ageSeconds = 0;
  lease.agedMs = lease.askedMs;
}

/** The interface is as it was without the lease, but for the address. */
export function withdrawLease(): void {
  const f = interfaceAt(leased);
  if (lease.router != 0) putV4(routerOf(leased), 0);
  if (f.mtu == lease.mtu) f.mtu = lease.linkMtu;
  memory.fill(changetype<usize>(lease) + LEASE_FIELDS, 0, LEASE_FIELD_BYTES);
}
