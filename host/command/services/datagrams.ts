// echo and discard for UDP (RFC 862, 863), beside those for TCP, at the same ports. Questions from ports
// below 1024 get no answer: two such services would talk to each other for ever, and a forged source is
// most often one. Nor do questions to many, which would draw an answer from each.

import type { DatagramSocket } from "../../core/socket.js";

/** Ports of services that might answer an answer. */
const FIRST_CLIENT_PORT = 1024;

/** Sends back what it receives; what the queue has no room for is lost, as datagrams may be. */
export function echoDatagrams(socket: DatagramSocket): void {
  socket.onReadable = () => {
    for (let question; (question = socket.receive()) !== null;) {
      const { address, port, toMany, data } = question;
      if (toMany || port < FIRST_CLIENT_PORT) continue;
      try {
        socket.send(data, port, address);
      } catch {
        // No way to who asked: a datagram is lost.
      }
    }
  };
}

/** Throws away what it receives. */
export function discardDatagrams(socket: DatagramSocket): void {
  socket.onReadable = () => {
    while (socket.receive() !== null);
  };
}
