// A link that plays a capture: its frames come to the stack at their recorded times on any clock, and what the
// stack sends goes nowhere but into a count, and into a capture where that is asked for. Uses nothing of Node.

import { parseMac } from "../core/address.js";
import { readCapture, type CapturedFrame } from "./captureReader.js";
import { realClock, type Clock } from "./clock.js";
import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";
import type { CaptureWriter } from "./pcapng.js";

export interface PcapLinkOptions {
  /** When frames are due: the stack's clock. Default: the machine's. */
  clock?: Clock;
  /** Times faster than recorded; Infinity: as fast as they are read. Default 1. */
  speed?: number;
  /** How often the capture is played; Infinity: without end. Default 1. */
  loop?: number;
  /** Frames that were sent by this station are left out: the stack takes its place. */
  ownMac?: string | Uint8Array;
  /** Gets what the stack sends, at times that fit the recording's; closed with the link. */
  capture?: CaptureWriter;
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
  /** Told once when the last frame has been read. */
  onEnd?: () => void;
}

export interface PcapLink extends Link {
  /** Frames of the capture that are played in each pass. */
  readonly frames: number;
  /** Frames that the stack has read so far, over all passes. */
  readonly framesReplayed: number;
  /** Left out in each pass: those of the own MAC, and those that are too long, too short or kept in part. */
  readonly framesOwn: number;
  readonly framesSkipped: number;
  /** What the stack has sent. */
  readonly framesSent: number;
  readonly bytesSent: number;
}

/** Plays the bytes of a pcap or pcapng file. Throws a CaptureError, before a frame is played. */
export function createPcapLink(file: Uint8Array, options: PcapLinkOptions = {}): PcapLink {
  const { clock = realClock, speed = 1, loop = 1, capture, mtu = 1500, onEnd } = options;
  const own = options.ownMac === undefined ? null : macOf(options.ownMac);
  const survey = surveyOf(file, own, mtu + ETHERNET_HEADER_BYTES);
  checkPace(speed, loop, survey);
  let readable: (() => void) | null = null;
  let player: Player | null = null;
  let isClosed = false;
  let framesReplayed = 0;
  let framesSent = 0;
  let bytesSent = 0;

  /** The recording begins when somebody listens, or reads. */
  const started = (): Player =>
    (player ??= createPlayer(file, { own, clock, speed, loop, survey }));

  function arm(): void {
    if (!isClosed && readable !== null) started().arm(() => readable?.());
  }

  return {
    mtu,
    offload: 0,
    onWritable: null,
    get onReadable() {
      return readable;
    },
    set onReadable(handler) {
      readable = handler;
      arm();
    },
    frames: survey.frames,
    framesOwn: survey.own,
    framesSkipped: survey.skipped,
    get framesReplayed() {
      return framesReplayed;
    },
    get framesSent() {
      return framesSent;
    },
    get bytesSent() {
      return bytesSent;
    },
    read(into) {
      if (isClosed) return 0;
      const bytes = started().take();
      if (bytes === null) {
        arm();
        return 0;
      }
      framesReplayed++;
      const length = Math.min(bytes.length, into.length);
      into.set(length === bytes.length ? bytes : bytes.subarray(0, length));
      if (framesReplayed === survey.frames * loop) onEnd?.();
      return length;
    },
    write(frame) {
      if (isClosed) return true;
      framesSent++;
      bytesSent += frame.length;
      capture?.frame(frame, "tx", started().timeUs());
      return true;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      readable = null;
      player?.stop();
      capture?.close();
    },
  };
}

/** What a capture holds, found before it is played: whatever is wrong with it is told then. */
interface Survey {
  readonly frames: number;
  readonly own: number;
  readonly skipped: number;
  readonly firstUs: number;
  readonly lastUs: number;
  isPlayed(frame: CapturedFrame): boolean;
}

function surveyOf(file: Uint8Array, own: Uint8Array | null, most: number): Survey {
  let frames = 0;
  let owned = 0;
  let skipped = 0;
  let firstUs = 0;
  let lastUs = -Infinity;
  const fits = ({ bytes, length }: CapturedFrame): boolean =>
    bytes.length === length && length >= ETHERNET_HEADER_BYTES && length <= most;
  for (const frame of readCapture(file)) {
    if (!fits(frame)) skipped++;
    else if (isFrom(frame.bytes, own)) owned++;
    else {
      if (frames++ === 0) firstUs = frame.timeUs;
      lastUs = Math.max(lastUs, frame.timeUs);
    }
  }
  const isPlayed = (frame: CapturedFrame): boolean => fits(frame) && !isFrom(frame.bytes, own);
  return { frames, own: owned, skipped, firstUs, lastUs, isPlayed };
}

function isFrom(frame: Uint8Array, mac: Uint8Array | null): boolean {
  return mac !== null && mac.every((byte, index) => frame[6 + index] === byte);
}

interface Player {
  /** The next frame, if it is due. */
  take(): Uint8Array | null;
  /** Rings once, when the next frame is due. */
  arm(ring: () => void): void;
  /** This moment in the recording's time. */
  timeUs(): number;
  stop(): void;
}

interface Playing {
  readonly own: Uint8Array | null;
  readonly clock: Clock;
  readonly speed: number;
  readonly loop: number;
  readonly survey: Survey;
}

function createPlayer(file: Uint8Array, { clock, speed, loop, survey }: Playing): Player {
  const startMs = clock.now();
  const passMs = (survey.lastUs - survey.firstUs) / 1000 / speed;
  let pass = 0;
  let frames = readCapture(file);
  let cancel: (() => void) | null = null;
  let atMs = startMs;
  let next = following();

  /** The next frame to play; a pass begins where the one before it has ended. */
  function following(): Uint8Array | null {
    if (survey.frames === 0) return null;
    for (;;) {
      const { value } = frames.next();
      if (value === undefined) {
        if (++pass >= loop) return null;
        frames = readCapture(file);
      } else if (survey.isPlayed(value)) {
        const sinceMs = (value.timeUs - survey.firstUs) / 1000 / speed;
        // A clock that was set back while it was recorded does not bring frames back.
        atMs = Math.max(atMs, startMs + pass * passMs + sinceMs);
        return value.bytes;
      }
    }
  }

  function stop(): void {
    cancel?.();
    cancel = null;
  }

  return {
    take() {
      if (next === null || atMs > clock.now()) return null;
      const bytes = next;
      next = following();
      return bytes;
    },
    arm(ring) {
      if (next === null || cancel !== null) return;
      const ringOnce = (): void => {
        cancel = null;
        ring();
      };
      // The process stays until the recording has been played.
      cancel = clock.after(Math.max(0, atMs - clock.now()), ringOnce, true);
    },
    timeUs: () =>
      survey.firstUs + (clock.now() - startMs) * 1000 * (speed === Infinity ? 1 : speed),
    stop,
  };
}

function macOf(mac: string | Uint8Array): Uint8Array {
  const bytes = typeof mac === "string" ? parseMac(mac) : mac;
  if (bytes.length === 6) return bytes;
  throw Object.assign(new Error("ownMac has 6 bytes"), { code: "EINVAL" });
}

function checkPace(speed: number, loop: number, { frames, firstUs, lastUs }: Survey): void {
  const isCount = loop === Infinity || (Number.isInteger(loop) && loop >= 1);
  if (!(speed > 0) || !isCount) {
    const text = "speed is a number above 0, loop a whole number from 1 on, or Infinity";
    throw Object.assign(new Error(text), { code: "EINVAL" });
  }
  if (loop < Infinity || frames === 0 || (speed < Infinity && lastUs > firstUs)) return;
  const text = "a capture that is played without end must take time: a speed below Infinity";
  throw Object.assign(new Error(text), { code: "EINVAL" });
}
