// Addresses come and go: the responder of their interface looks at them when it transmits.

import { RESPONDER_TASK } from "../memory";
import { readyTask } from "../task";

/** An address of the interface may be in use now, or not any more. */
export function wakeResponder(iface: u32): void {
  readyTask(RESPONDER_TASK + iface, iface);
}
