// Writes captures in the pcapng format (IETF draft-ietf-opsawg-pcapng): one section, one Ethernet
// interface, one enhanced packet block per frame with its time in microseconds and its direction.
// Blocks are gathered in one buffer and leave in large writes.

import {
  BLOCK_BYTES,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  FLAG_INBOUND,
  FLAG_OUTBOUND,
  INTERFACE_DESCRIPTION,
  LINKTYPE_ETHERNET,
  OPTION_END,
  OPTION_EPB_FLAGS,
  OPTION_IF_NAME,
  OPTION_IF_TSRESOL,
  OPTION_SHB_USERAPPL,
  padded,
  SECTION_HEADER,
} from "./captureFormat.js";

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

const MICROSECONDS = 6;

const BUFFER_BYTES = 256 * 1024;
/** Type, length, interface, time (2), captured and original length, flags option, end, length. */
const PACKET_OVERHEAD_BYTES = 28 + 8 + 4 + 4;

/** Code and length of an option; also what ends a list of them. */
const OPTION_BYTES = 4;

/** What a capture says about itself. */
export interface PcapngOptions {
  /** Name of the interface in the capture. Default "mote0". */
  interfaceName?: string;
}

/** A writer that hands finished blocks to `sink`. */
export function createPcapngWriter(sink: ByteSink, options: PcapngOptions = {}): CaptureWriter {
  return createPacketWriter(sink, options);
}

/** The same, also for frames that somebody else has captured. */
export interface PacketWriter extends CaptureWriter {
  /** `direction` null: not known; `length`: on the wire, where more than `bytes`. */
  frame(bytes: Uint8Array, direction: Direction | null, timeUs: number, length?: number): void;
}

export function createPacketWriter(sink: ByteSink, options: PcapngOptions = {}): PacketWriter {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const view = new DataView(buffer.buffer);
  let length = 0;

  function flush(): void {
    if (length > 0) sink(buffer.subarray(0, length));
    length = 0;
  }

  function put32(value: number): void {
    view.setUint32(length, value, true);
    length += 4;
  }

  function put16(value: number): void {
    view.setUint16(length, value, true);
    length += 2;
  }

  /** Bytes, and zeros up to the next multiple of four. */
  function putPadded(bytes: Uint8Array): void {
    const end = length + padded(bytes.length);
    buffer.set(bytes, length);
    buffer.fill(0, length + bytes.length, end);
    length = end;
  }

  function putBlock(type: number, bodyBytes: number, putBody: () => void): void {
    const total = BLOCK_BYTES + bodyBytes;
    put32(type);
    put32(total);
    putBody();
    put32(total);
  }

  function putOption(code: number, value: Uint8Array): void {
    put16(code);
    put16(value.length);
    putPadded(value);
  }

  function putSectionHeader(): void {
    const name = utf8("MoteTCP");
    putBlock(SECTION_HEADER, 16 + optionBytes(name) + OPTION_BYTES, () => {
      put32(BYTE_ORDER_MAGIC);
      put16(1);
      put16(0);
      // The section's length is not known in advance: all ones.
      put32(0xffffffff);
      put32(0xffffffff);
      putOption(OPTION_SHB_USERAPPL, name);
      put32(OPTION_END);
    });
  }

  function putInterface(name: Uint8Array): void {
    const resolution = Uint8Array.of(MICROSECONDS);
    const options = optionBytes(name) + optionBytes(resolution) + OPTION_BYTES;
    putBlock(INTERFACE_DESCRIPTION, 8 + options, () => {
      put16(LINKTYPE_ETHERNET);
      put16(0);
      put32(0);
      putOption(OPTION_IF_NAME, name);
      putOption(OPTION_IF_TSRESOL, resolution);
      put32(OPTION_END);
    });
  }

  putSectionHeader();
  putInterface(utf8(options.interfaceName ?? "mote0"));

  return {
    frame(bytes, direction, timeUs, onWire = bytes.length) {
      const total = PACKET_OVERHEAD_BYTES + padded(bytes.length);
      if (total > BUFFER_BYTES) return;
      if (length + total > BUFFER_BYTES) flush();
      putBlock(ENHANCED_PACKET, total - BLOCK_BYTES, () => {
        put32(0);
        put32(Math.floor(timeUs / 2 ** 32));
        put32(Math.floor(timeUs) % 2 ** 32);
        put32(bytes.length);
        put32(onWire);
        putPadded(bytes);
        put16(OPTION_EPB_FLAGS);
        put16(4);
        put32(direction === null ? 0 : direction === "rx" ? FLAG_INBOUND : FLAG_OUTBOUND);
        put32(OPTION_END);
      });
    },
    flush,
    close: flush,
  };
}

const optionBytes = (value: Uint8Array) => OPTION_BYTES + padded(value.length);

const encoder = new TextEncoder();
const utf8 = (text: string): Uint8Array => encoder.encode(text);
