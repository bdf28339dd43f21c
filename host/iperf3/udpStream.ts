// A stream over UDP: datagrams with time and number at the front, at the pace of the bitrate. One buffer is sent again
// and again; the receiver looks at the head alone.

import { createArrivals } from "./arrivals.js";
import { readHead, writeHead } from "./datagrams.js";
import { createPacer } from "./pacer.js";
import { idOf, numberOf, type Place, type Stream, type StreamPart } from "./stream.js";

/** Where its datagrams leave. A server has one port for all of its streams. */
export interface Outlet {
  readonly local: Place;
  readonly remote: Place;
  /** False: no room, and room() follows. Throws what ICMP has said. */
  send(bytes: Uint8Array): boolean;
  isDrained(): boolean;
  close(): void;
}

export interface UdpStream extends Stream {
  /** The outlet has room again. */
  room(): void;
  arrived(bytes: Uint8Array): void;
}

export function createUdpStream(outlet: Outlet, part: StreamPart): UdpStream {
  const { stack, settings, index, sends, budget } = part;
  const { clock } = stack;
  const { counters64 } = settings;
  const datagram = new Uint8Array(sends ? settings.length : 0).fill(0x6d);
  const pacer = createPacer(settings.bitrate);
  const arrivals = sends ? null : createArrivals();
  let bytes = 0;
  let packets = 0;
  /** Since it began, for the pace and the numbers. */
  let sent = 0;
  let phase: "waiting" | "running" | "hushed" | "stopped" = "waiting";
  let cancelTimer: (() => void) | null = null;

  function send(): void {
    cancelTimer?.();
    cancelTimer = null;
    while (isDue() && push()) {
      sent++;
      packets++;
      bytes += datagram.length;
      budget.left -= datagram.length;
      part.moved(stream);
    }
  }

  /** Whether one is to be sent now. */
  function isDue(): boolean {
    if (!sends || phase !== "running" || budget.left <= 0) return false;
    const waitMs = pacer.waitMs(clock.now(), sent * datagram.length);
    if (waitMs > 0) cancelTimer = stack.after(Math.max(1, waitMs), send);
    return waitMs === 0;
  }

  /** Whether it has left. */
  function push(): boolean {
    writeHead(datagram, { sentMs: clock.now(), number: sent + 1 }, counters64);
    try {
      return outlet.send(datagram);
    } catch (error) {
      stream.hush();
      part.ended(error as Error);
      return false;
    }
  }

  const stream: UdpStream = {
    id: idOf(index),
    number: numberOf(index),
    sends,
    local: outlet.local,
    remote: outlet.remote,
    get bytes() {
      return bytes;
    },
    get packets() {
      return arrivals?.packets ?? packets;
    },
    arrivals,
    begin() {
      phase = "running";
      pacer.begin(clock.now());
      send();
    },
    hush() {
      if (phase === "running") phase = "hushed";
      cancelTimer?.();
    },
    isDrained: () => outlet.isDrained(),
    stop() {
      stream.hush();
      phase = "stopped";
    },
    endSending: () => stream.hush(),
    forget() {
      bytes = 0;
      packets = 0;
      arrivals?.forget();
    },
    close() {
      stream.stop();
      outlet.close();
    },
    info: () => null,
    room: send,
    arrived(from) {
      if (arrivals === null || phase === "waiting" || phase === "stopped") return;
      const head = readHead(from, counters64);
      if (head === null) return;
      arrivals.arrived(head, clock.now());
      bytes += from.length;
      part.moved(stream);
    },
  };
  return stream;
}
