// An address goes, and all that uses it.

import { UDP } from "../config";
import { releaseAddress } from "./address";
import { abandonAddress } from "../tcp/user";
import { abandonSockets } from "../udp/user";

/** Ends what uses local address i, and forgets it. */
export function removeAddress(i: u32): void {
  abandonAddress(i);
  if (UDP) abandonSockets(i);
  releaseAddress(i);
}
