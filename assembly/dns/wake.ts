// Addresses come and go: the responder of their interface looks at them when its timer is due.

import { get8 } from "../bytes";
import { HOST_NAME, RESPONDER_TASK } from "../memory";
import { armTask } from "../task";

/** An address of the interface may be in use now, or not any more. */
export function wakeResponder(iface: u32): void {
  if (get8(HOST_NAME) != 0) armTask(RESPONDER_TASK + iface, 0);
}
