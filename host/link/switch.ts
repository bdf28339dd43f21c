// An Ethernet switch inside the process: learns which station is behind which port, floods what it
// has not learned, and drops where a port's queue is full. Table and queues are bounded.

import { ETHERNET_HEADER_BYTES, type Link } from "./link.js";
import { createMemoryLinkPair } from "./memory.js";

export interface SwitchOptions {
  /** Stations remembered at most; the one not heard of for longest goes first. Default 1024. */
  stations?: number;
  /** Frames that wait per port at most. Default 256. */
  capacity?: number;
  /** Bytes of the largest IP packet. Default 1500. */
  mtu?: number;
}

export interface Switch {
  /** A new port, as the link of whoever is plugged into it. Closing it unplugs it. */
  port(): Link;
  readonly ports: number;
  /** Stations learned. */
  readonly stations: number;
  readonly framesForwarded: number;
  readonly framesFlooded: number;
  readonly framesDropped: number;
}

const MAC_BYTES = 6;

export function createSwitch(options: SwitchOptions = {}): Switch {
  const { stations: maximum = 1024, capacity = 256, mtu = 1500 } = options;
  const frame = new Uint8Array(mtu + ETHERNET_HEADER_BYTES);
  const ports = new Set<Link>();
  const stations = new Map<number, Link>();
  let framesForwarded = 0;
  let framesFlooded = 0;
  let framesDropped = 0;

  /** Most recent last: the map keeps the order of insertion. */
  function learn(source: number, port: Link): void {
    stations.delete(source);
    stations.set(source, port);
    if (stations.size > maximum) stations.delete(stations.keys().next().value!);
  }

  function send(port: Link, bytes: Uint8Array): void {
    if (!port.write(bytes)) framesDropped++;
  }

  function forward(from: Link, bytes: Uint8Array): void {
    if (bytes.length < ETHERNET_HEADER_BYTES) {
      framesDropped++;
      return;
    }
    const isGroup = (bytes[0]! & 1) !== 0;
    if ((bytes[6]! & 1) === 0) learn(stationAt(bytes, 6), from);
    const known = isGroup ? undefined : stations.get(stationAt(bytes, 0));
    if (known) {
      if (known === from) return;
      framesForwarded++;
      send(known, bytes);
      return;
    }
    framesFlooded++;
    for (const port of ports) if (port !== from) send(port, bytes);
  }

  return {
    port() {
      const [outside, inside] = createMemoryLinkPair({ capacity, mtu });
      inside.onReadable = () => {
        for (let length; (length = inside.read(frame)) > 0;) {
          forward(inside, frame.subarray(0, length));
        }
      };
      ports.add(inside);
      const unplug = outside.close.bind(outside);
      outside.close = () => {
        ports.delete(inside);
        for (const [station, port] of stations) if (port === inside) stations.delete(station);
        unplug();
        inside.close();
      };
      return outside;
    },
    get ports() {
      return ports.size;
    },
    get stations() {
      return stations.size;
    },
    get framesForwarded() {
      return framesForwarded;
    },
    get framesFlooded() {
      return framesFlooded;
    },
    get framesDropped() {
      return framesDropped;
    },
  };
}

/** A MAC address as one number. */
function stationAt(frame: Uint8Array, at: number): number {
  let station = 0;
  for (let i = at; i < at + MAC_BYTES; i++) station = station * 256 + frame[i]!;
  return station;
}
