// A TAP device as a link: frames go between Linux's own stack and ours. On the event loop it is
// watched by a poll off the main thread; the dedicated loop asks for no watch and polls by itself.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import type { Link } from "./link.js";
import {
  createPollSet,
  drainEventfd,
  loadLinux,
  POLLGONE,
  POLLIN,
  POLLOUT,
  signalEventfd,
  type Linux,
} from "./linux.js";
import { openTapDevice, type TapDevice } from "./tapDevice.js";

/** How a TAP device is opened. */
export interface TapLinkOptions {
  /** The host's address with prefix length; null: none, as for a bridge. Default "198.18.0.1/30". */
  hostAddress?: string | null;
  /** Bytes of an IP packet. Default: what the device has (1500). */
  mtu?: number;
  /** false: the caller polls by itself and never gets onReadable. Default true. */
  watch?: boolean;
}

/** A TAP device as a link. */
export interface TapLink extends Link {
  /** Of the device. */
  readonly name: string;
  /** Its descriptor, for a poll of one's own. */
  readonly fd: number;
  /** write() was refused and waits for POLLOUT. */
  writeBlocked: boolean;
  /** The device was deleted under us: called once. */
  onGone: (() => void) | null;
  /** Frames that the device did not take for another reason than want of room (link down). */
  readonly framesLost: number;
}

const { EAGAIN, EINTR, ENOBUFS } = constants.errno;

/** Creates or attaches to the device and brings it up. Errors name the remedy, with `code`. */
export async function openTap(name: string, options: TapLinkOptions = {}): Promise<TapLink> {
  const linux = await loadLinux();
  const { hostAddress = "198.18.0.1/30", mtu, watch = true } = options;
  const device = openTapDevice(linux, name, { hostAddress, mtu });
  return watch ? watchTap(linux, device) : createTapLink(linux, device);
}

/** openTap() under the name of what it gives. */
export const TapLink = {
  /** openTap(). */
  open: openTap,
};

type MutableTapLink = { -readonly [Key in keyof TapLink]: TapLink[Key] };

function createTapLink(linux: Linux, device: TapDevice): MutableTapLink {
  const { fd } = device;
  let open = true;
  return {
    ...device,
    offload: 0,
    writeBlocked: false,
    framesLost: 0,
    onReadable: null,
    onWritable: null,
    onGone: null,
    read(into) {
      const length = open ? linux.read(fd, into, into.length) : 0;
      return length > 0 ? length : 0;
    },
    write(frame) {
      if (!open || linux.write(fd, frame, frame.length) >= 0) return true;
      const error = linux.errno();
      if (error === EAGAIN || error === ENOBUFS || error === EINTR) {
        this.writeBlocked = true;
        return false;
      }
      // A device that is down takes nothing (EIO): the frame is lost as on a pulled cable.
      this.framesLost++;
      return true;
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/**
 * So many times it is looked, between turns of the event loop, before a thread is asked to wait: under load more
 * frames come sooner than a thread is woken, and asking it costs as much as a dozen looks.
 */
const LOOKS = 12;

/** Of these, the first ones read at once: under load most find a frame. A turn that finds none costs more than poll. */
const READS = 4;

/**
 * Adds readiness: poll runs on a thread of libuv's pool, and again only after a read came back
 * empty and nothing has come for some looks. An eventfd ends it when the link is closed, when a writer waits, and when
 * the process exits.
 */
function watchTap(linux: Linux, device: TapDevice): TapLink {
  const link = createTapLink(linux, device);
  const plain = { read: link.read, write: link.write };
  const wakeFd = linux.eventfd();
  const set = createPollSet([device.fd, wakeFd]);
  let polling = false;
  let looking = false;
  /** Since the last frame; without one none is worth while. */
  let looks = LOOKS;
  let closed = false;

  const endPoll = () => signalEventfd(linux, wakeFd);

  const want = (): void => set.want(0, link.writeBlocked ? POLLIN | POLLOUT : POLLIN);

  function poll(): void {
    if (polling || looking || closed) return;
    if (looks < LOOKS) {
      looks++;
      looking = true;
      setImmediate(look);
      return;
    }
    polling = true;
    want();
    linux.pollAsync(set.bytes, set.count, -1, ready);
  }

  function look(): void {
    looking = false;
    if (closed) return;
    if (looks <= READS && !link.writeBlocked && link.onReadable) return link.onReadable();
    want();
    if (linux.poll(set.bytes, set.count, 0) > 0) tell();
    else poll();
  }

  function ready(): void {
    polling = false;
    if (closed) release();
    else tell();
  }

  function tell(): void {
    if (set.got(1)) drainEventfd(linux, wakeFd);
    const events = set.got(0);
    if (events & POLLGONE) return link.onGone?.();
    if (link.writeBlocked && events & POLLOUT) {
      link.writeBlocked = false;
      link.onWritable?.();
    }
    // The reader asks for the next poll by emptying the device.
    if (events & POLLIN && link.onReadable) link.onReadable();
    else poll();
  }

  function release(): void {
    process.off("exit", endPoll);
    closeSync(device.fd);
    linux.close(wakeFd);
  }

  link.read = (into) => {
    if (closed) return 0;
    const length = plain.read(into);
    if (length > 0) looks = 0;
    else poll();
    return length;
  };
  link.write = (frame) => {
    if (closed) return true;
    const taken = plain.write.call(link, frame);
    if (!taken && polling) endPoll();
    return taken;
  };
  link.close = () => {
    if (closed) return;
    closed = true;
    if (polling) endPoll();
    else release();
  };
  // A poll that never returns would keep the process from ending.
  process.on("exit", endPoll);
  poll();
  return link;
}
