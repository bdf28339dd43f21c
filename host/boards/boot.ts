// What a board is told before it boots: struct mote_boot of boards/common/board.h.

import { randomBytes } from "node:crypto";
import { parseHost, parsePrefix } from "../core/address.js";

const MARK = 0x65746f6d;
const BOOT_BYTES = 48;
const SEED_BYTES = 32;
enum Offset {
  MARK = 0,
  SEED = 4,
  ADDRESS = 36,
  ROUTER = 40,
  PREFIX = 44,
  STATION = 45,
}

export interface BootOptions {
  /** Address with the bits of its network, "198.18.0.2/30"; without one it comes by DHCP, where the profile has that. */
  readonly address?: string | undefined;
  readonly router?: string | undefined;
  /** The last three bytes of the MAC, as a number. Default 1. */
  readonly station?: number;
  /** 32 bytes; by default random ones. All zeros: the board has no entropy, and refuses to start. */
  readonly seed?: Uint8Array;
}

export function bootBlock({ address, router, station = 1, seed }: BootOptions): Buffer {
  const block = Buffer.alloc(BOOT_BYTES);
  block.writeUInt32LE(MARK, Offset.MARK);
  block.set(seed ?? randomBytes(SEED_BYTES), Offset.SEED);
  if (address !== undefined) {
    const { address: host, prefixLength } = parsePrefix(address);
    block.set(parseHost(host), Offset.ADDRESS);
    block[Offset.PREFIX] = prefixLength;
  }
  if (router !== undefined) block.set(parseHost(router), Offset.ROUTER);
  block.writeUIntBE(station, Offset.STATION, 3);
  return block;
}
