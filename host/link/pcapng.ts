// Writes captures in the pcapng format (IETF draft-ietf-opsawg-pcapng): one section, one Ethernet
// interface, one enhanced packet block per frame with its time in microseconds and its direction.
// Blocks are gathered in one buffer and leave in large writes.

import { closeSync, openSync, writeSync } from "node:fs";

/** From the stack's point of view: rx is into it. */
export type Direction = "rx" | "tx";

/** What tee() writes to. */
export interface CaptureWriter {
  /** One frame, which is copied; `timeUs`: microseconds since 1970. */
  frame(bytes: Uint8Array, direction: Direction, timeUs: number): void;
  /** Writes out what was gathered. */
  flush(): void;
  /** The same, and closes what it wrote to. */
  close(): void;
}

/** Takes finished bytes; they are only valid during the call. */
export type ByteSink = (bytes: Uint8Array) => void;

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;
const OPTION_END = 0;
const OPTION_IF_NAME = 2;
const OPTION_IF_TSRESOL = 9;
const OPTION_EPB_FLAGS = 2;
const OPTION_SHB_USERAPPL = 4;
const MICROSECONDS = 6;
const FLAG_INBOUND = 1;
const FLAG_OUTBOUND = 2;

const BUFFER_BYTES = 256 * 1024;
/** Type, length, interface, time (2), captured and original length, flags option, end, length. */
const PACKET_OVERHEAD_BYTES = 28 + 8 + 4 + 4;

const padded = (length: number) => (length + 3) & ~3;

/** What a capture says about itself. */
export interface PcapngOptions {
  /** Name of the interface in the capture. Default "mote0". */
  interfaceName?: string;
}

/** A writer that hands finished blocks to `sink`. */
export function createPcapngWriter(sink: ByteSink, options: PcapngOptions = {}): CaptureWriter {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let length = 0;

  function flush(): void {
    if (length > 0) sink(buffer.subarray(0, length));
    length = 0;
  }

  function putBlock(type: number, body: Buffer): void {
    const total = 12 + body.length;
    length = buffer.writeUInt32LE(type, length);
    length = buffer.writeUInt32LE(total, length);
    length += body.copy(buffer, length);
    length = buffer.writeUInt32LE(total, length);
  }

  putBlock(SECTION_HEADER, sectionHeader());
  putBlock(INTERFACE_DESCRIPTION, interfaceDescription(options.interfaceName ?? "mote0"));

  return {
    frame(bytes, direction, timeUs) {
      const total = PACKET_OVERHEAD_BYTES + padded(bytes.length);
      if (total > BUFFER_BYTES) return;
      if (length + total > BUFFER_BYTES) flush();
      let at = length;
      at = buffer.writeUInt32LE(ENHANCED_PACKET, at);
      at = buffer.writeUInt32LE(total, at);
      at = buffer.writeUInt32LE(0, at);
      at = buffer.writeUInt32LE(Math.floor(timeUs / 2 ** 32), at);
      at = buffer.writeUInt32LE(Math.floor(timeUs) % 2 ** 32, at);
      at = buffer.writeUInt32LE(bytes.length, at);
      at = buffer.writeUInt32LE(bytes.length, at);
      buffer.set(bytes, at);
      buffer.fill(0, at + bytes.length, at + padded(bytes.length));
      at += padded(bytes.length);
      at = buffer.writeUInt16LE(OPTION_EPB_FLAGS, at);
      at = buffer.writeUInt16LE(4, at);
      at = buffer.writeUInt32LE(direction === "rx" ? FLAG_INBOUND : FLAG_OUTBOUND, at);
      at = buffer.writeUInt32LE(OPTION_END, at);
      length = buffer.writeUInt32LE(total, at);
    },
    flush,
    close: flush,
  };
}

/** A writer into a file, which it creates or empties. */
export function createPcapngFile(path: string, options: PcapngOptions = {}): CaptureWriter {
  const fd = openSync(path, "w");
  let open = true;
  const sink = (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  };
  const writer = createPcapngWriter(sink, options);
  return {
    ...writer,
    close() {
      if (!open) return;
      open = false;
      writer.flush();
      closeSync(fd);
    },
  };
}

function sectionHeader(): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(1, 4);
  // The section's length is not known in advance: all ones.
  fixed.fill(0xff, 8, 16);
  return Buffer.concat([fixed, option(OPTION_SHB_USERAPPL, Buffer.from("MoteTCP")), endOfOptions]);
}

function interfaceDescription(name: string): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(LINKTYPE_ETHERNET, 0);
  return Buffer.concat([
    fixed,
    option(OPTION_IF_NAME, Buffer.from(name)),
    option(OPTION_IF_TSRESOL, Buffer.of(MICROSECONDS)),
    endOfOptions,
  ]);
}

const endOfOptions = Buffer.alloc(4);

function option(code: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}
