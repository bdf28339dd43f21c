// What the services tell of an interface's address, in the thread of the stack.

import type { Stack } from "../../core/stack.js";
import type { AddressReport } from "./messages.js";

export function reportAddress(stack: Stack, index: number): AddressReport {
  const lease = stack.lease(index);
  const { address = null, server = null } = lease ?? {};
  const seconds = lease === null || server === null ? Infinity : lease.leaseSeconds;
  return {
    type: "address",
    time: Date.now(),
    address: address === null ? null : `${address}/${lease!.prefixLength}`,
    linkLocal: lease?.linkLocal ?? false,
    server,
    router: lease?.router ?? null,
    nameServers: lease?.nameServers ?? [],
    leaseSeconds: seconds === Infinity ? null : seconds,
  };
}
