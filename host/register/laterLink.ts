// A link that is still being opened: it holds the place, takes nothing and gives nothing until then. A program
// can so begin at once with a stack that has its addresses.

import type { Link } from "../link/link.js";

const USUAL_MTU = 1500;

/** If it cannot be opened, the promise's error is the program's: nobody catches it here. */
export function laterLink(opening: Promise<Link>, mtu = USUAL_MTU): Link {
  let open: Link | null = null;
  let isClosed = false;
  const later: Link = {
    mtu,
    offload: 0,
    onReadable: null,
    onWritable: null,
    read: (into) => open?.read(into) ?? 0,
    write: (frame) => open?.write(frame) ?? false,
    close() {
      isClosed = true;
      open?.close();
    },
  };
  async function take(): Promise<void> {
    const link = await opening;
    if (isClosed) return link.close();
    open = link;
    link.onReadable = () => later.onReadable?.();
    link.onWritable = () => later.onWritable?.();
    later.onWritable?.();
    later.onReadable?.();
  }
  void take();
  return later;
}
