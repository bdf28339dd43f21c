// Bytes that the tests move: as if random, the same in each run, and the hash by which they are known again.

import { createCipheriv, createHash } from "node:crypto";
import { Readable } from "node:stream";

export const MIB = 1 << 20;
/** No multiple of a segment, a ring or a stream's buffer. */
const PIECE_BYTES = 50_021;

export function bytesOf(length: number, seed = 1): Buffer {
  const key = Buffer.alloc(16, seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The same bytes as a stream, in pieces of odd sizes. */
export function streamOf(bytes: Buffer): Readable {
  function* pieces() {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      yield bytes.subarray(at, at + PIECE_BYTES);
  }
  return Readable.from(pieces(), { objectMode: false });
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Reads a stream to its end. */
export async function sha256Of(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Reads a stream to its end, as text. */
export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
