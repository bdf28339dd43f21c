// Base of the wrappers around a link: everything is passed through but what the wrapper replaces.

import type { Link } from "./link.js";

export type Replaced = Partial<Pick<Link, "read" | "write" | "close">>;

/** `link` with some of its functions replaced. Handlers are those of the inner link. */
export function wrapLink(link: Link, replaced: Replaced): Link {
  return {
    mtu: link.mtu,
    offload: link.offload,
    sharedSource: link.sharedSource,
    read: (into) => link.read(into),
    write: (frame) => link.write(frame),
    close: () => link.close(),
    get onReadable() {
      return link.onReadable;
    },
    set onReadable(handler) {
      link.onReadable = handler;
    },
    get onWritable() {
      return link.onWritable;
    },
    set onWritable(handler) {
      link.onWritable = handler;
    },
    ...replaced,
  };
}
