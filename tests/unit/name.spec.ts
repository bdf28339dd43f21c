// Names in messages: labels, pointers, and text that becomes a name.

import { givenName, isName, nameBytes, readName } from "../../assembly/dns/name";
import { NAME_BUFFER } from "../../assembly/memory";

const MESSAGE: usize = memory.data(1024, 8);
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

/** The bytes of the name that a text becomes in NAME_BUFFER, or 0. */
function fromText(text: string): u32 {
  for (let i = 0; i < text.length; i++) store<u8>(NAME_BUFFER + i, text.charCodeAt(i));
  return givenName(text.length) ? nameBytes : 0;
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

  it("have 32 pointers at most, each leading backwards", () => {
    store<u8>(MESSAGE + 12, 0);
    let p = MESSAGE + 13;
    for (let i: u32 = 1; i <= 40; i++) {
      const end = pointTo(p, i == 1 ? 12 : <u32>(p - 2 - MESSAGE));
      expect(readName(MESSAGE, p, end)).toBe(i <= 32 ? end : 0, `${i} pointers`);
      p = end;
    }
  });

  it("have no labels of kinds that nobody defined", () => {
    for (let length: u32 = 64; length < 192; length++) {
      memory.fill(MESSAGE + 12, 97, 300);
      store<u8>(MESSAGE + 12, length);
      expect(readName(MESSAGE, MESSAGE + 12, MESSAGE + 312)).toBe(0);
    }
  });

  it("are cut off between the bytes of a pointer", () => {
    const name = write(MESSAGE + 12, "1a0");
    const end = pointTo(write(name, "1b"), 12);
    expect(readName(MESSAGE, name, end)).toBe(end);
    expect(readName(MESSAGE, name, end - 1)).toBe(0);
  });

  it("are the same in any case of letters, and only of letters", () => {
    const end = write(MESSAGE + 12, "3wWw1A0");
    readName(MESSAGE, MESSAGE + 12, end);
    write(NAME, "3WwW1a0");
    expect(isName(NAME, 7)).toBe(true);
    expect(isName(NAME, 6)).toBe(false, "shorter");
    expect(isName(NAME, 8)).toBe(false, "longer");
    write(NAME, "3WwX1a0");
    expect(isName(NAME, 7)).toBe(false);
    for (let c: u32 = 0; c < 256; c++) {
      store<u8>(write(MESSAGE + 12, "1"), c);
      store<u8>(MESSAGE + 14, 0);
      readName(MESSAGE, MESSAGE + 12, MESSAGE + 15);
      memory.copy(NAME, MESSAGE + 12, 3);
      expect(isName(NAME, 3)).toBe(true);
      store<u8>(NAME + 1, c ^ 32);
      const letter = (c | 32) - 97 < 26;
      expect(isName(NAME, 3)).toBe(letter, `byte ${c}`);
    }
  });
});

describe("text", () => {
  it("becomes labels, with or without a dot at its end", () => {
    write(NAME, "3www1a0");
    expect(fromText("www.a")).toBe(7);
    expect(memory.compare(NAME_BUFFER, NAME, 7)).toBe(0);
    expect(fromText("www.a.")).toBe(7);
    expect(memory.compare(NAME_BUFFER, NAME, 7)).toBe(0);
    expect(isName(NAME, 7)).toBe(true, "as if it had been read");
  });

  it("is no name when a label is empty or longer than 63 bytes", () => {
    expect(fromText("")).toBe(0);
    expect(fromText(".")).toBe(0);
    expect(fromText("..")).toBe(0);
    expect(fromText("a..")).toBe(0);
    expect(fromText("a..b")).toBe(0);
    expect(fromText(".a")).toBe(0);
    expect(fromText("a".repeat(63))).toBe(65);
    expect(fromText("a".repeat(64))).toBe(0);
    expect(fromText("b." + "a".repeat(64))).toBe(0);
  });

  it("has at most 253 bytes, and no length traps", () => {
    const long = "a".repeat(63) + "." + "a".repeat(63) + "." + "a".repeat(63) + ".";
    expect(fromText(long + "a".repeat(61))).toBe(255);
    expect(fromText(long + "a".repeat(61) + ".")).toBe(255);
    expect(fromText(long + "a".repeat(62))).toBe(0);
    expect(givenName(255)).toBe(false);
    expect(givenName(256)).toBe(false);
    expect(givenName(0x40000000)).toBe(false);
    expect(givenName(0x7fffffff)).toBe(false);
    expect(givenName(0xffffffff)).toBe(false);
  });

  it("leaves what stands behind the buffer", () => {
    store<u32>(NAME_BUFFER + 256, 0x12345678);
    memory.fill(NAME_BUFFER, 97, 256);
    for (let i = 1; i < 254; i += 2) store<u8>(NAME_BUFFER + i, 46);
    givenName(254);
    expect(load<u32>(NAME_BUFFER + 256)).toBe(0x12345678);
  });
});
