// TCP headers and their options: a table of malformed ones, random ones, and the trimming of what
// lies outside the window (RFC 9293 section 3.10.7.4).

import { put16, put32, put8 } from "../../assembly/bytes";
import { EXTENSIONS } from "../../assembly/config";
import { Counter } from "../../assembly/constants";
import {
  NO_SCALE,
  parseSegment,
  segAck,
  segData,
  segDataLength,
  segFlags,
  segHasTimestamps,
  segLen,
  segMss,
  segScale,
  segSeq,
  segTsEcr,
  segTsVal,
  segUp,
  segWnd,
  trimBack,
  trimFront,
  trimSyn,
} from "../../assembly/tcp/segment";
import { tuple } from "../../assembly/tcp/tcb";
import { ACK, FIN, SYN } from "../../assembly/wire/tcp";
import { counter } from "./counter";
import { below, random, reseed } from "./random";

const P: usize = memory.data(256, 8) + 2;
const DATA: u32 = 8;

/** What is read of a window scale: a small profile steps over it, as over timestamps. */
const scaleOf = (scale: u32): u32 => (EXTENSIONS ? scale : NO_SCALE);

/** A segment with these option bytes, padded with zeros, and 8 bytes of data; parsed. */
function parse(options: u8[], flags: u32): void {
  const header: u32 = 20 + ((options.length + 3) & ~3);
  memory.fill(P, 0, 256);
  put16(P, 4660);
  put16(P + 2, 80);
  put32(P + 4, 0xfffffffe);
  put32(P + 8, 0x01020304);
  put8(P + 12, (header >> 2) << 4);
  put8(P + 13, flags);
  put16(P + 14, 0xabcd);
  put16(P + 18, 17);
  for (let i = 0; i < options.length; i++) put8(P + 20 + i, options[i]);
  // Behind the options lies what would be taken for a large MSS by a parser that runs over.
  memory.fill(P + header, 2, DATA);
  parseSegment(0, 1, 0x0100007f, P, header + DATA);
}

function badOptions(options: u8[], flags: u32): u32 {
  const before = counter(Counter.TCP_BAD_OPTION);
  parse(options, flags);
  return counter(Counter.TCP_BAD_OPTION) - before;
}

describe("TCP header", () => {
  it("is taken apart", () => {
    parse([], SYN | ACK);
    expect<u32>(tuple.remotePort).toBe(4660);
    expect<u32>(tuple.localPort).toBe(80);
    expect<u32>(segSeq).toBe(0xfffffffe);
    expect<u32>(segAck).toBe(0x01020304);
    expect<u32>(segFlags).toBe(SYN | ACK);
    expect<u32>(segWnd).toBe(0xabcd);
    expect<u32>(segUp).toBe(15); // 17 from the sequence number on, across the wrap
    expect<u32>(segDataLength).toBe(DATA);
    expect<usize>(segData).toBe(P + 20);
    expect<u32>(segLen).toBe(DATA + 1);
    parse([], SYN | FIN);
    expect<u32>(segLen).toBe(DATA + 2);
  });

  it("gives no option that is not there", () => {
    parse([], SYN);
    expect<u32>(segMss).toBe(0);
    expect<u32>(segScale).toBe(NO_SCALE);
    expect(segHasTimestamps).toBeFalsy();
  });
});

describe("TCP options", () => {
  it("are read in any order and alignment", () => {
    parse([1, 3, 3, 7, 2, 4, 5, 180, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], SYN);
    expect<u32>(segMss).toBe(1460);
    expect<u32>(segScale).toBe(scaleOf(7));
    expect<bool>(segHasTimestamps).toBe(EXTENSIONS);
    if (!EXTENSIONS) return;
    expect<u32>(segTsVal).toBe(1);
    expect<u32>(segTsEcr).toBe(2);
  });

  it("are read in the usual form of timestamps, too", () => {
    parse([1, 1, 8, 10, 0xff, 0xfe, 0xfd, 0xfc, 0, 0, 0, 9], ACK);
    expect<bool>(segHasTimestamps).toBe(EXTENSIONS);
    if (!EXTENSIONS) return;
    expect<u32>(segTsVal).toBe(0xfffefdfc);
    expect<u32>(segTsEcr).toBe(9);
  });

  it("end at the end mark", () => {
    parse([0, 2, 4, 5, 180], SYN);
    expect<u32>(segMss).toBe(0);
  });

  it("that are unknown are stepped over by their length", () => {
    expect<u32>(badOptions([253, 5, 1, 2, 3, 2, 4, 2, 24], SYN)).toBe(0);
    expect<u32>(segMss).toBe(536);
  });

  it("scale by 14 at most", () => {
    parse([3, 3, 255], SYN);
    expect<u32>(segScale).toBe(scaleOf(14));
  });

  it("with impossible lengths are counted, give nothing and end the parsing", () => {
    const table: u8[][] = [
      [2, 0, 5, 180], // length 0 would never end
      [2, 1, 5, 180],
      [8, 0, 0, 0],
      [2, 5, 5, 180], // longer than what is left
      [3, 200, 7, 0],
      [8, 10, 0, 0],
      [1, 1, 1, 2], // the kind is the last byte
      [253, 255, 0, 0],
    ];
    for (let i = 0; i < table.length; i++) {
      expect<u32>(badOptions(table[i], SYN)).toBe(1, `row ${i}`);
      expect<u32>(segMss).toBe(0, `row ${i}`);
      expect<u32>(segScale).toBe(NO_SCALE, `row ${i}`);
      expect(segHasTimestamps).toBeFalsy(`row ${i}`);
    }
  });

  it("with a length that is not theirs are counted and stepped over", () => {
    expect<u32>(badOptions([2, 3, 5, 3, 3, 7], SYN)).toBe(1);
    expect<u32>(segMss).toBe(0);
    expect<u32>(segScale).toBe(scaleOf(7));
    expect<u32>(badOptions([3, 4, 7, 7, 2, 4, 5, 180], SYN)).toBe(1);
    expect<u32>(segMss).toBe(1460);
  });

  it("of random bytes never read behind themselves", () => {
    reseed(4711);
    for (let round = 0; round < 5000; round++) {
      const options: u8[] = [];
      const length = below(41);
      for (let i: u32 = 0; i < length; i++) {
        // Kinds and lengths near those that mean something, more often than not.
        options.push(<u8>(below(3) == 0 ? random() : below(12)));
      }
      parse(options, SYN);
      const header: u32 = 20 + ((options.length + 3) & ~3);
      if (segDataLength != DATA) expect<u32>(segDataLength).toBe(DATA);
      if (segData != P + header) expect<usize>(segData).toBe(P + header);
      // 0x0202 would be the data; an option of random bytes is that by accident only.
      if (segScale != NO_SCALE && segScale > 14) expect<u32>(segScale).toBeLessThanOrEqual(14);
    }
    expect(true).toBeTruthy();
  });
});

describe("trimming", () => {
  it("takes SYN, data and FIN off the front in this order", () => {
    parse([], SYN | FIN);
    trimSyn();
    expect<u32>(segFlags).toBe(FIN);
    expect<u32>(segSeq).toBe(0xffffffff);
    expect<u32>(segLen).toBe(DATA + 1);
    expect<u32>(segDataLength).toBe(DATA);
    trimFront(3);
    expect<u32>(segSeq).toBe(2, "across the wrap");
    expect<u32>(segDataLength).toBe(DATA - 3);
    expect<usize>(segData).toBe(P + 23);
    trimFront(DATA - 3);
    expect<u32>(segFlags).toBe(FIN);
    expect<u32>(segLen).toBe(1);
    trimFront(1);
    expect<u32>(segFlags).toBe(0);
    expect<u32>(segLen).toBe(0);
  });

  it("takes FIN, then data off the end", () => {
    parse([], ACK | FIN);
    trimBack(1);
    expect<u32>(segFlags).toBe(ACK);
    expect<u32>(segLen).toBe(DATA);
    trimBack(3);
    expect<u32>(segDataLength).toBe(DATA - 3);
    expect<u32>(segLen).toBe(DATA - 3);
    expect<u32>(segSeq).toBe(0xfffffffe);
  });

  it("of nothing changes nothing", () => {
    parse([], SYN | FIN);
    trimFront(0);
    trimBack(0);
    expect<u32>(segLen).toBe(DATA + 2);
    expect<u32>(segFlags).toBe(SYN | FIN);
  });
});
