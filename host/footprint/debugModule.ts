// What a debug build of the core says about itself: its constants by name, and the static data with their places.

/** Bytes of static data. */
export interface Segment {
  readonly at: number;
  readonly bytes: number;
}

export interface DebugModule {
  /** Immutable numbers by their names, as in assembly/memory/TCB_BYTES. */
  readonly globals: ReadonlyMap<string, number>;
  readonly segments: readonly Segment[];
}

const HEADER_BYTES = 8;
const CUSTOM = 0;
const GLOBAL = 6;
const DATA = 11;
const GLOBAL_NAMES = 7;
const I32_CONST = 0x41;
const END = 0x0b;

interface Reader {
  readonly at: () => number;
  readonly byte: () => number;
  readonly number: () => number;
  readonly signed: () => number;
  readonly bytes: (count: number) => Buffer;
  readonly text: () => string;
}

function createReader(bytes: Buffer, from = 0): Reader {
  let at = from;
  const byte = () => bytes[at++]!;
  /** LEB128; the bits, and how many there were. */
  const bits = (): [bigint, bigint] => {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const next = byte();
      value |= BigInt(next & 127) << shift;
      shift += 7n;
      if (next < 128) return [value, shift];
    }
  };
  const number = () => Number(bits()[0]);
  const take = (count: number) => bytes.subarray(at, (at += count));
  return {
    at: () => at,
    byte,
    number,
    signed: () => {
      const [value, count] = bits();
      return Number(BigInt.asIntN(Number(count), value));
    },
    bytes: take,
    text: () => take(number()).toString(),
  };
}

export function readDebugModule(bytes: Buffer): DebugModule {
  const reader = createReader(bytes, HEADER_BYTES);
  let values: (number | undefined)[] = [];
  let names = new Map<number, string>();
  let segments: Segment[] = [];
  while (reader.at() < bytes.length) {
    const id = reader.byte();
    const section = createReader(reader.bytes(reader.number()));
    if (id === GLOBAL) values = readGlobals(section);
    if (id === DATA) segments = readSegments(section);
    if (id === CUSTOM && section.text() === "name") names = readNames(section);
  }
  const globals = new Map<string, number>();
  for (const [index, name] of names) {
    const value = values[index];
    if (value !== undefined) globals.set(name, value);
  }
  return { globals, segments };
}

/** A number that an initial expression gives; undefined: it is something else. */
function readConstant(reader: Reader): number | undefined {
  const operation = reader.byte();
  if (operation === I32_CONST || operation === I32_CONST + 1) {
    const value = reader.signed();
    reader.byte();
    return value;
  }
  while (reader.byte() !== END) continue;
  return undefined;
}

function readGlobals(reader: Reader): (number | undefined)[] {
  return Array.from({ length: reader.number() }, () => {
    reader.bytes(2);
    return readConstant(reader);
  });
}

function readSegments(reader: Reader): Segment[] {
  return Array.from({ length: reader.number() }, () => {
    if (reader.number() !== 0) throw new Error("static data without a place of its own");
    const at = readConstant(reader) ?? 0;
    const bytes = reader.number();
    reader.bytes(bytes);
    return { at, bytes };
  });
}

function readNames(reader: Reader): Map<number, string> {
  const names = new Map<number, string>();
  for (;;) {
    const kind = reader.byte();
    if (kind === undefined) return names;
    const part = createReader(reader.bytes(reader.number()));
    if (kind !== GLOBAL_NAMES) continue;
    for (let count = part.number(); count > 0; count--) names.set(part.number(), part.text());
  }
}
