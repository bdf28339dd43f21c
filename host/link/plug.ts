// Plugs a link that somebody else made, as that of an emulator or of a TAP device, into a switch.

import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";
import type { Switch } from "./switch.js";

/** Frames go both ways from now on; one that a side has no room for is lost, as in a cable. Closing is the caller's. */
export function plug(into: Switch, link: Link): void {
  const port = into.port();
  carry(link, port);
  carry(port, link);
}

function carry(from: Link, to: Link): void {
  const frame = Buffer.alloc(from.mtu + ETHERNET_HEADER_BYTES);
  const move = () => {
    for (let length; (length = from.read(frame)) > 0;) to.write(frame.subarray(0, length));
  };
  from.onReadable = move;
  move();
}
