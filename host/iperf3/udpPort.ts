// UDP at a server: one port for all streams of a test. A client's first word opens a stream, and is answered; what comes
// afterwards from the same place is that stream's, and what others send is nobody's.

import type { DatagramSocket } from "../core/socket.js";
import { replyTo } from "./datagrams.js";
import type { Place } from "./stream.js";
import type { Outlet, UdpStream } from "./udpStream.js";

export interface UdpPort {
  close(): void;
}

export interface UdpPortPart {
  readonly socket: DatagramSocket;
  readonly local: Place;
  /** The client's address: others open no streams. */
  readonly from: string;
  /** A stream for a new place; null: there are enough. */
  open(outlet: Outlet): UdpStream | null;
}

export function createUdpPort({ socket, local, from, open }: UdpPortPart): UdpPort {
  const streams = new Map<number, UdpStream>();

  function arrived(bytes: Uint8Array, port: number): void {
    const known = streams.get(port);
    const answer = replyTo(bytes);
    if (answer === null) {
      known?.arrived(bytes);
      return;
    }
    if (known === undefined) {
      const stream = open(outletTo(port));
      if (stream === null) return;
      streams.set(port, stream);
    }
    // Said again where the answer, or the first word, was lost.
    try {
      socket.send(answer, port, from);
    } catch {
      // No way there just now: the client asks again.
    }
  }

  const outletTo = (port: number): Outlet => ({
    local,
    remote: { address: from, port },
    send: (bytes) => socket.send(bytes, port, from),
    isDrained: () => socket.drain(),
    close: () => undefined,
  });

  socket.onReadable = () => {
    for (let datagram; (datagram = socket.receive()) !== null;) {
      if (datagram.address === from) arrived(datagram.data, datagram.port);
    }
  };
  socket.onWritable = () => {
    for (const stream of streams.values()) stream.room();
  };
  // Nobody listens at a port that once sent: that stream carries nothing more, and the control connection says why.
  socket.onError = () => undefined;
  return { close: () => socket.close() };
}
