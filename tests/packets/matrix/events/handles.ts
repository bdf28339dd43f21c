// Where the user has no handle, and so no call to make.

import type { Gap, State } from "../model.js";

export const NO_HANDLE: readonly Gap[] = [
  {
    in: ["SYN-RECEIVED"],
    ways: ["passive"],
    none: "no handle: the user meets the connection when accept() returns it, and then it is open",
  },
  {
    in: ["FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "LAST-ACK", "TIME-WAIT"],
    ways: ["closed"],
    none: "no handle: the user has given it up",
  },
];

export const listenerHasNone = (call: string): Gap => ({
  in: ["LISTEN"],
  none: `a listener is no connection: there is no ${call} for it`,
});

export const OUR_CLOSE_SENT: readonly State[] = [
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
];
