// Messages of the DHCP client (RFC 2131 section 4.4, table 5).

import { Counter, LeaseState } from "../constants";
import { count } from "../counter";
import { elapsed, globals } from "../globals";
import { addressOf } from "../ip/address";
import { macOf } from "../link/interface";
import { HOST_NAME } from "../memory";
import { either, smaller } from "../order";
import { messageAt, sendMessage, stationTo } from "../udp/message";
import { leaseAt } from "./lease";
import {
  DECLINE,
  dhcpEmit,
  dhcpEnd,
  dhcpPutAddress,
  dhcpPutWishes,
  DISCOVER,
  OPTION_REQUESTED,
  OPTION_SERVER,
  RELEASE,
  REQUEST,
} from "../wire/dhcp";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "../wire/udp";

const BROADCAST: u32 = 0xffffffff;
const PORTS: u32 = (DHCP_CLIENT_PORT << 16) | DHCP_SERVER_PORT;
/** The answer is to be broadcast: nothing else reaches a host without an address. */
const TO_ALL: u32 = 0x80;

/** The message of an interface's state: its length, or 0. */
export function leaseTransmit(iface: u32): u32 {
  const lease = leaseAt(iface);
  const state = <u32>lease.state;
  const renews = state == LeaseState.RENEWING;
  const releases = state == LeaseState.RELEASING;
  const declines = state == LeaseState.DECLINING;
  const selects = state == LeaseState.SELECTING;
  const asks = either(state == LeaseState.REQUESTING, state == LeaseState.REBOOTING);
  const has = either(either(renews, releases), state == LeaseState.REBINDING);
  if (!either(either(has, asks), either(declines, selects))) return 0; // the answer has come
  let to = macOf(iface); // not used: to all
  let server = BROADCAST;
  if (either(renews, releases)) {
    server = lease.server;
    to = stationTo(iface, iface, addressOf(lease.handle), server);
    if (to == 0) return 0;
  }
  const client = has ? lease.address : 0;
  const secs = smaller(elapsed(lease.startedMs) / 1000, 0xffff);
  const type = selects ? DISCOVER : declines ? DECLINE : releases ? RELEASE : REQUEST;
  const message = messageAt();
  const flags = has ? 0 : TO_ALL;
  let p = dhcpEmit(message, type, macOf(iface), lease.transaction, secs, flags, client);
  if (either(asks, declines)) p = dhcpPutAddress(p, OPTION_REQUESTED, lease.address);
  if (either(either(releases, declines), state == LeaseState.REQUESTING))
    p = dhcpPutAddress(p, OPTION_SERVER, lease.server);
  if (!either(releases, declines)) p = dhcpPutWishes(p, HOST_NAME);
  count(Counter.DHCP_SENT);
  const bytes = dhcpEnd(message, p);
  return sendMessage(iface, to, client, server, PORTS, bytes, globals.ttl);
}
