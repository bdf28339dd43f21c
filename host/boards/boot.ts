// What a board is told before it boots: struct mote_boot of boards/common/board.h.

import { randomBytes } from "node:crypto";
import { parseHost, parsePrefix } from "../core/address.js";

const MARK = 0x65746f6d;
export const BOOT_BYTES = 48;

export interface BootOptions {
  /** Address with the bits of its network, "198.18.0.2/30". */
  readonly address: string;
  readonly router?: string;
  /** Last byte of the MAC, 1 to 255. */
  readonly station?: number;
  /** 32 bytes; by default random ones. All zeros: the board has no entropy, and refuses to start. */
  readonly seed?: Uint8Array;
}

export function bootBlock({ address, router, station = 1, seed }: BootOptions): Buffer {
  const { address: host, prefixLength } = parsePrefix(address);
  const block = Buffer.alloc(BOOT_BYTES);
  block.writeUInt32LE(MARK, 0);
  block.set(seed ?? randomBytes(32), 4);
  block.set(parseHost(host), 36);
  if (router !== undefined) block.set(parseHost(router), 40);
  block[44] = prefixLength;
  block[45] = station;
  return block;
}
