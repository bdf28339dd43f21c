// Opens a capture for replay: from a file, or from bytes that are there already.

import { readFile, stat } from "node:fs/promises";
import { createPcapLink, type PcapLink, type PcapLinkOptions } from "./replay.js";

/** A capture is held in memory while it is played. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * A link that plays a pcap or pcapng file. Rejects with what node:fs says, EFBIG, or a CaptureError whose
 * message begins with the name of the file.
 */
export async function openPcapLink(
  source: string | URL | Uint8Array,
  options: PcapLinkOptions = {},
): Promise<PcapLink> {
  if (source instanceof Uint8Array) return createPcapLink(source, options);
  const bytes = await readCaptureFile(source);
  try {
    return createPcapLink(bytes, options);
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    if (!("offset" in error)) throw error;
    const message = `${String(source)}: ${error.message}`;
    throw Object.assign(new Error(message, { cause }), { ...error });
  }
}

/** All of a file. Rejects with what node:fs says, or EFBIG. */
export async function readCaptureFile(source: string | URL): Promise<Uint8Array> {
  const { size } = await stat(source);
  if (size <= MOST_BYTES) return readFile(source);
  const text = `${String(source)}: ${size} bytes, and a capture may have ${MOST_BYTES} to be played`;
  throw Object.assign(new Error(text), { code: "EFBIG" });
}
