// Which task belongs to which layer.

import { DHCP, DNS, GROUPS, MDNS, SNTP } from "./config";
import { leaseExpired, leaseTransmit } from "./dhcp/client";
import { lookupExpired, lookupTransmit } from "./dns/lookup";
import { responderExpired, responderTransmit } from "./dns/responder";
import { groupExpired, groupTransmit } from "./ip/group";
import { CLOCK_TASK, GROUP_TASK, LOOKUP_TASK, RESPONDER_TASK } from "./memory";
import { clockExpired, clockTransmit } from "./sntp/client";

/** The next frame of a task that is ready on an interface: its length, or 0. */
export function taskTransmit(task: u32, iface: u32): u32 {
  if (MDNS && task >= RESPONDER_TASK) return responderTransmit(iface);
  if (GROUPS && task >= GROUP_TASK) return groupTransmit(iface);
  if (SNTP && task >= CLOCK_TASK) return clockTransmit(iface);
  if (DNS && task >= LOOKUP_TASK) return lookupTransmit(task - LOOKUP_TASK, iface);
  return DHCP ? leaseTransmit(iface) : 0;
}

/** The timer of a task. */
export function taskExpired(task: u32): void {
  if (MDNS && task >= RESPONDER_TASK) responderExpired(task - RESPONDER_TASK);
  else if (GROUPS && task >= GROUP_TASK) groupExpired(task - GROUP_TASK);
  else if (SNTP && task >= CLOCK_TASK) clockExpired();
  else if (DNS && task >= LOOKUP_TASK) lookupExpired(task - LOOKUP_TASK);
  else if (DHCP) leaseExpired(task);
}
