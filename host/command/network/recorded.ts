// Which station of a recording has an address: a stack that takes its place needs its MAC, or no frame is for it.

import { addressToNumber, formatMac, numberToAddress } from "../../core/address.js";
import { readCapture } from "../../link/captureReader.js";
import { CommandError } from "../exit.js";

/** Addresses that are named where the one that was asked for is not there. */
const NAMED = 5;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;

/** The MAC behind an address: of who sends from it, else of whom frames for it go to. Throws EADDRNOTAVAIL. */
export function stationIn(file: Uint8Array, address: string): string {
  const wanted = addressToNumber(address);
  const others = new Set<number>();
  let receiver: string | undefined;
  for (const { bytes } of readCapture(file)) {
    const ends = endsOf(bytes);
    if (ends === null) continue;
    if (ends.source === wanted) return formatMac(bytes.subarray(6, 12));
    const isToOne = (bytes[0]! & 1) === 0;
    if (ends.destination === wanted && isToOne) receiver ??= formatMac(bytes.subarray(0, 6));
    if (others.size < NAMED && isToOne && ends.destination !== 0) others.add(ends.destination);
  }
  if (receiver !== undefined) return receiver;
  const there = [...others].map(numberToAddress).join(", ");
  throw new CommandError(
    "EADDRNOTAVAIL",
    `no frame of the recording is from or to ${address}`,
    there === "" ? undefined : `--address says whose place the stack takes; there are ${there}`,
  );
}

function endsOf(frame: Uint8Array): { source: number; destination: number } | null {
  if (frame.length < 42) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  switch (view.getUint16(12)) {
    case ETHERTYPE_IPV4:
      return { source: view.getUint32(26), destination: view.getUint32(30) };
    case ETHERTYPE_ARP:
      return { source: view.getUint32(28), destination: view.getUint32(38) };
    default:
      return null;
  }
}
