// UDP at a client: a socket for each stream, opened by saying the first word until the server answers.

import type { Stack } from "../core/stack.js";
import { Iperf3Error } from "./errors.js";
import { helloBytes, isReply } from "./datagrams.js";
import { prepareSocket } from "./prepare.js";
import type { Settings } from "./settings.js";
import type { Place } from "./stream.js";
import type { Outlet, UdpStream } from "./udpStream.js";

const AGAIN_MS = 1_000;
const MOST_TRIES = 10;

export interface OpenUdpPart {
  readonly stack: Stack;
  readonly settings: Settings;
  readonly local: string;
  readonly remote: Place;
  create(outlet: Outlet): UdpStream;
  opened(stream: UdpStream): void;
  failed(error: Error): void;
}

/** The result gives it up. */
export function openUdp(part: OpenUdpPart): () => void {
  const { stack, remote } = part;
  const socket = stack.bind();
  prepareSocket(socket, part.settings);
  socket.connect(remote);
  const stream = part.create({
    local: { address: part.local, port: socket.port },
    remote,
    send: (bytes) => socket.send(bytes),
    isDrained: () => socket.drain(),
    close: () => socket.close(),
  });
  let isOpen = false;
  let tries = 0;
  let cancel: () => void = () => undefined;

  function say(): void {
    if (++tries > MOST_TRIES) {
      const where = `${remote.address}:${remote.port}`;
      part.failed(new Iperf3Error("ETIMEDOUT", `no answer over UDP from ${where}`));
      return;
    }
    try {
      socket.send(helloBytes());
    } catch (error) {
      part.failed(error as Error);
      return;
    }
    cancel = stack.after(AGAIN_MS, say);
  }

  function receive(): void {
    for (let datagram; socket.handle !== 0 && (datagram = socket.receive()) !== null;) {
      if (isOpen) stream.arrived(datagram.data);
      else if (isReply(datagram.data)) {
        isOpen = true;
        cancel();
        part.opened(stream);
      }
    }
  }

  socket.onReadable = receive;
  socket.onWritable = () => stream.room();
  socket.onError = (error) => part.failed(error);
  say();
  return () => {
    cancel();
    stream.close();
  };
}
