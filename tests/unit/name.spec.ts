// Names in messages: labels, pointers, and text that becomes a name.

import {
  isSame,
  nameBytes,
  readName,
  sameName,
  sameNameAt,
  useName,
  writeName,
} from "../../assembly/dns/name";
import { NAME_BUFFER } from "../../assembly/memory";

const MESSAGE: usize = memory.data(1024, 8);
const TEXT: usize = memory.data(512, 8);
const NAME: usize = memory.data(512, 8);

/** Writes text at p; a digit is a length or another byte of that value. Returns what is behind it. */
function write(p: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    store<u8>(p + i, c - 48 < 10 ? c - 48 : c);
  }
  return p + text.length;
}

function pointTo(p: usize, offset: u32): usize {
  store<u8>(p, 0xc0 | (offset >> 8));
  store<u8>(p + 1, offset);
  return p + 2;
}

function fromText(text: string): u32 {
  for (let i = 0; i < text.length; i++) store<u8>(TEXT + i, text.charCodeAt(i));
  return writeName(NAME, TEXT, text.length);
}

describe("names in messages", () => {
  it("are read to the root", () => {
    const end = write(MESSAGE + 12, "3www1a0");
    expect(readName(MESSAGE, MESSAGE + 12, end)).toBe(end);
    expect(nameBytes).toBe(7);
    expect(memory.compare(NAME_BUFFER, MESSAGE + 12, 7)).toBe(0);
  });

  it("continue where a pointer leads, and end behind the first pointer", () => {
    const b = write(MESSAGE + 12, "1a0");
    const c = pointTo(write(b, "1b"), 12);
    const end = pointTo(write(c, "1c"), <u32>(b - MESSAGE));
    expect(readName(MESSAGE, c, end)).toBe(end);
    write(NAME, "1c1b1a0");
    expect(nameBytes).toBe(7);
    expect(memory.compare(NAME_BUFFER, NAME, 7)).toBe(0);
  });

  it("end inside the message", () => {
    const end = write(MESSAGE + 12, "3www1a0");
    for (let e = MESSAGE + 12; e < end; e++) expect(readName(MESSAGE, MESSAGE + 12, e)).toBe(0);
  });

  it("have no pointer to itself, forward, or into the header", () => {
    for (let to: u32 = 0; to < 40; to++) {
      const end = pointTo(MESSAGE + 20, to);
      store<u8>(MESSAGE + 12, 0);
      memory.fill(MESSAGE + 13, 0, 7);
      expect(readName(MESSAGE, MESSAGE + 20, end) != 0).toBe(to >= 12 && to < 20);
    }
  });

  it("have at most 255 bytes, with a loop of pointers too", () => {
    let p = MESSAGE + 12;
    for (let i = 0; i < 127; i++) p = write(p, "1a");
    store<u8>(p, 0);
    expect(readName(MESSAGE, MESSAGE + 12, p + 1)).toBe(p + 1);
    expect(nameBytes).toBe(255);
    p = write(p, "1a");
    store<u8>(p, 0);
    expect(readName(MESSAGE, MESSAGE + 12, p + 1)).toBe(0);
    const loop = pointTo(write(MESSAGE + 12, "1a"), 12);
    expect(readName(MESSAGE, MESSAGE + 12, loop)).toBe(0);
  });

  it("are compared without being copied, in any case of letters", () => {
    useName(NAME, <u32>(write(NAME, "3wWw1A0") - NAME));
    const end = write(MESSAGE + 12, "3WwW1a0");
    expect(sameNameAt(MESSAGE, MESSAGE + 12, end)).toBe(end);
    expect(isSame).toBe(true);
    expect(load<u8>(NAME_BUFFER + 1)).toBe(0x77);
    const other = write(end, "3www1b0");
    expect(sameNameAt(MESSAGE, end, other)).toBe(other);
    expect(isSame).toBe(false);
    const longer = write(other, "3www1a1a0");
    expect(sameNameAt(MESSAGE, other, longer)).toBe(longer);
    expect(isSame).toBe(false);
    const shorter = write(longer, "3www0");
    expect(sameNameAt(MESSAGE, longer, shorter)).toBe(shorter);
    expect(isSame).toBe(false);
  });

  it("differ in what is no letter", () => {
    store<u8>(MESSAGE, 0x40);
    store<u8>(NAME, 0x60);
    expect(sameName(MESSAGE, NAME, 1)).toBe(false);
    store<u8>(MESSAGE, 0x5b);
    store<u8>(NAME, 0x7b);
    expect(sameName(MESSAGE, NAME, 1)).toBe(false);
  });
});

describe("text", () => {
  it("becomes labels, with or without a dot at its end", () => {
    write(MESSAGE, "3www1a0");
    expect(fromText("www.a")).toBe(7);
    expect(memory.compare(NAME, MESSAGE, 7)).toBe(0);
    expect(fromText("www.a.")).toBe(7);
    expect(memory.compare(NAME, MESSAGE, 7)).toBe(0);
  });

  it("may stand one byte behind the name", () => {
    write(MESSAGE, "3www1a0");
    store<u8>(NAME + 1, 119);
    store<u8>(NAME + 2, 119);
    store<u8>(NAME + 3, 119);
    store<u8>(NAME + 4, 46);
    store<u8>(NAME + 5, 97);
    expect(writeName(NAME, NAME + 1, 5)).toBe(7);
    expect(memory.compare(NAME, MESSAGE, 7)).toBe(0);
  });

  it("is no name when a label is empty or longer than 63 bytes", () => {
    expect(fromText("")).toBe(0);
    expect(fromText(".")).toBe(0);
    expect(fromText("a..b")).toBe(0);
    expect(fromText(".a")).toBe(0);
    expect(fromText("a".repeat(63))).toBe(65);
    expect(fromText("a".repeat(64))).toBe(0);
  });

  it("has at most 253 bytes, and no length traps", () => {
    const long = "a".repeat(63) + "." + "a".repeat(63) + "." + "a".repeat(63) + ".";
    expect(fromText(long + "a".repeat(61))).toBe(255);
    expect(fromText(long + "a".repeat(61) + ".")).toBe(255);
    expect(fromText(long + "a".repeat(62))).toBe(0);
    expect(writeName(NAME, TEXT, 0xffffffff)).toBe(0);
    expect(writeName(NAME, TEXT, 0x7fffffff)).toBe(0);
  });
});
