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
  if (mask != 0) return mask;
  // RFC 791 section 3.2: that of its class.
  return (v4 & 0x80) == 0 ? 0xff : (v4 & 0x40) == 0 ? 0xffff : 0xffffff;
}

/** The Counter of why a message of len bytes at p is not believed, or 0: then the lease has its server, and with
 * an offer or a DHCPACK its address and mask. */
export function judge(p: usize, len: u32): u32 {
  const l = lease;
  const state: u32 = 1 << l.state;
  if (!readMessage(p, len)) return Counter.DROP_DHCP_MALFORMED;
  const type = answerType();
  const fitting = type == OFFER ? SELECTING : type - ACK <= NAK - ACK ? ASKING : 0;
  const asked = both((state & fitting) != 0, messageTransaction(p) == l.transaction);
  if (!both(asked, macEqual(messageMac(p), macOf(leased)))) return Counter.DROP_DHCP_UNRELATED;
  const server = option(OPTION_SERVER);
  if (isNoHost(server)) return Counter.DROP_DHCP_MALFORMED;
  if (both((state & ASKING_ONE) != 0, server != l.server)) return Counter.DROP_DHCP_UNRELATED;
  if (type == NAK) return 0;
  const v4 = messageAddress(p);
  const mask = maskFor(v4);
  const hosts = ~bswap<u32>(mask);
  const broken = either((hosts & (hosts + 1)) != 0, option(OPTION_LEASE) == 0);
  if (either(broken, either(isNoHost(v4), isEdge(v4, mask, v4))))
    return Counter.DROP_DHCP_MALFORMED;
  // An address of ours that is not by this lease stays what it is.
  const own = findAny(v4);
  const fits = type == ACK ? v4 == l.address : either(own < 0, own == <i32>l.local);
  if (!fits) return Counter.DROP_DHCP_UNRELATED;
  l.address = v4;
  l.mask = mask;
  l.server = server;
  return 0;
}

/** Takes what the lease in the message that was read brings, but for the address. */
export function takeLease(): void {
  const l = lease;
  withdrawLease();
  const names = load<u64>(optionAt(OPTION_NAME_SERVERS));
  store<u64>(changetype<usize>(l), names, offsetof<Lease>("nameServer"));
  const times = load<u64>(optionAt(OPTION_TIME_SERVERS));
  store<u64>(changetype<usize>(l), times, offsetof<Lease>("timeServer"));
  takeTimes();
  const router = option(OPTION_ROUTER);
  if (!isNoHost(router)) {
    l.router = router;
    putV4(routerOf(leased), router);
  }
  const f = interfaceAt(leased);
  const mtu = get16(optionAt(OPTION_MTU));
  if (mtu - SMALLEST_MTU >= f.mtu - SMALLEST_MTU) return; // more than there is, or too few
  l.linkMtu = f.mtu;
  l.mtu = mtu;
  f.mtu = mtu;
  if (PATH_MTU) linkUp(leased);
}

/** RFC 2131 section 4.4.5: the times of a lease, which began when it was asked for. */
function takeTimes(): void {
  const l = lease;
  const seconds = get32(optionAt(OPTION_LEASE));
  let renew = get32(optionAt(OPTION_RENEW));
  let rebind = get32(optionAt(OPTION_REBIND));
  if (either(renew == 0, either(renew >= rebind, rebind >= seconds))) {
    // Never 0, however short the lease: that would be asking without a pause.
    renew = seconds - (seconds >> 1);
    rebind = seconds - (seconds >> 3);
  }
  l.seconds = seconds;
  l.renewSeconds = renew;
  l.rebindSeconds = rebind;
  l.ageSeconds = 0;
  l.agedMs = l.askedMs;
}

/** The interface is as it was without the lease, but for the address. */
export function withdrawLease(): void {
  const l = lease;
  const f = interfaceAt(leased);
  if (l.router != 0) putV4(routerOf(leased), 0);
  if (f.mtu == l.mtu) f.mtu = l.linkMtu;
  memory.fill(changetype<usize>(l) + LEASE_FIELDS, 0, LEASE_FIELD_BYTES);
}
