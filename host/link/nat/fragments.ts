// Which flow the later fragments of a datagram belong to: only the first one has the ports. They come one behind
// the other on a virtual Ethernet, so a few datagrams are remembered, and the oldest makes room.

import type { Change, Packet } from "./packet.js";

const REMEMBERED = 32;

export interface Fragments {
  /** What became of the first fragment is what becomes of the others. */
  remember(packet: Packet, change: Change): void;
  find(packet: Packet): Change | undefined;
}

type Datagram = Pick<Packet, "protocol" | "source" | "destination" | "identification"> & {
  readonly change: Change;
};

export function createFragments(): Fragments {
  const datagrams: Datagram[] = [];
  let next = 0;

  const indexOf = (packet: Omit<Datagram, "change">): number =>
    datagrams.findIndex(
      (datagram) =>
        datagram.identification === packet.identification &&
        datagram.source === packet.source &&
        datagram.destination === packet.destination &&
        datagram.protocol === packet.protocol,
    );

  return {
    remember({ protocol, source, destination, identification }, change) {
      const datagram = { protocol, source, destination, identification, change };
      const known = indexOf(datagram);
      datagrams[known < 0 ? next : known] = datagram;
      if (known < 0) next = (next + 1) % REMEMBERED;
    },
    find: (packet) => datagrams[indexOf(packet)]?.change,
  };
}
