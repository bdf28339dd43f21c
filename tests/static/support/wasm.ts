// A reader for what the proofs need of a WebAssembly binary: its sections, its types, and every
// instruction of every function. Follows the binary format of the core specification, version 2
// without vector instructions; an opcode outside it is an error.

export interface FunctionType {
  parameters: string[];
  results: string[];
}

export interface Instruction {
  /** Opcode; those behind the 0xfc prefix are 0xfc00 and more. */
  opcode: number;
  functionIndex: number;
}

export interface ParsedModule {
  sections: Set<string>;
  types: FunctionType[];
  /** Type of each function that the module defines. */
  functions: FunctionType[];
  memories: { initial: number; maximum: number | undefined }[];
  globals: { type: string; mutable: boolean }[];
  exports: { name: string; kind: number; index: number }[];
  instructions: Instruction[];
}

export const SECTION_NAMES = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
] as const;

const VALUE_TYPES: Record<number, string> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x70: "funcref",
  0x6f: "externref",
};

const END = 0x0b;

interface Reader {
  at: number;
  byte(): number;
  u32(): number;
  /** Steps over a signed number of any width. */
  skipSigned(): void;
  text(): string;
}

function createReader(bytes: Uint8Array): Reader {
  const byte = () => {
    const value = bytes[reader.at++];
    if (value === undefined) throw new Error("the module ends too early");
    return value;
  };
  const u32 = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value += (next & 127) * 2 ** shift;
      if (next < 128) return value;
    }
  };
  const skipSigned = () => {
    while (byte() >= 128);
  };
  const text = () => {
    const length = u32();
    reader.at += length;
    return new TextDecoder().decode(bytes.subarray(reader.at - length, reader.at));
  };
  const reader: Reader = { at: 0, byte, u32, skipSigned, text };
  return reader;
}

function readVector<T>(reader: Reader, item: () => T): T[] {
  return Array.from({ length: reader.u32() }, item);
}

function readValueType(reader: Reader): string {
  const code = reader.byte();
  return VALUE_TYPES[code] ?? `type 0x${code.toString(16)}`;
}

function readLimits(reader: Reader): { initial: number; maximum: number | undefined } {
  const flags = reader.byte();
  const initial = reader.u32();
  return { initial, maximum: flags & 1 ? reader.u32() : undefined };
}

export function parseModule(bytes: Uint8Array): ParsedModule {
  const reader = createReader(bytes);
  const parsed: ParsedModule = {
    sections: new Set(),
    types: [],
    functions: [],
    memories: [],
    globals: [],
    exports: [],
    instructions: [],
  };
  reader.at = 8; // magic and version, which the engine has checked
  while (reader.at < bytes.length) {
    const name = SECTION_NAMES[reader.byte()];
    const length = reader.u32();
    const end = reader.at + length;
    if (name === undefined) throw new Error("unknown section");
    parsed.sections.add(name);
    readSection(name, reader, parsed);
    reader.at = end;
  }
  return parsed;
}

function readSection(name: (typeof SECTION_NAMES)[number], reader: Reader, to: ParsedModule): void {
  switch (name) {
    case "type":
      to.types = readVector(reader, () => {
        reader.byte(); // 0x60: a function
        const parameters = readVector(reader, () => readValueType(reader));
        return { parameters, results: readVector(reader, () => readValueType(reader)) };
      });
      return;
    case "function":
      to.functions = readVector(reader, () => {
        const type = to.types[reader.u32()];
        if (type === undefined) throw new Error("a function without a type");
        return type;
      });
      return;
    case "memory":
      to.memories = readVector(reader, () => readLimits(reader));
      return;
    case "global":
      to.globals = readVector(reader, () => {
        const type = readValueType(reader);
        const mutable = reader.byte() === 1;
        readExpression(reader, () => {});
        return { type, mutable };
      });
      return;
    case "export":
      to.exports = readVector(reader, () => {
        const exported = reader.text();
        return { name: exported, kind: reader.byte(), index: reader.u32() };
      });
      return;
    case "code":
      Array.from({ length: reader.u32() }).forEach((_, functionIndex) => {
        const length = reader.u32();
        const end = reader.at + length;
        readVector(reader, () => [reader.u32(), readValueType(reader)]);
        readExpression(reader, (opcode) => to.instructions.push({ opcode, functionIndex }));
        if (reader.at !== end) throw new Error(`function ${functionIndex} was misread`);
      });
      return;
    case "custom":
    case "import":
    case "table":
    case "start":
    case "element":
    case "data":
    case "data count":
      return; // that they are there is all that matters
  }
}

/** Reads instructions up to the `end` that closes them. */
function readExpression(reader: Reader, found: (opcode: number) => void): void {
  for (let depth = 1; depth > 0;) {
    const first = reader.byte();
    const opcode = first === 0xfc ? 0xfc00 + reader.u32() : first;
    found(opcode);
    if (opcode >= 0x02 && opcode <= 0x04) depth++;
    if (opcode === END) depth--;
    skipImmediates(reader, opcode);
  }
}

function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode >= 0x02 && opcode <= 0x04) return reader.skipSigned(); // block, loop, if: a type
  if (opcode === 0x0e) {
    readVector(reader, () => reader.u32()); // br_table: labels and the default
    reader.u32();
    return;
  }
  if (opcode === 0x1c) {
    readVector(reader, () => reader.byte()); // select with types
    return;
  }
  if (opcode === 0x41 || opcode === 0x42) return reader.skipSigned(); // i32.const, i64.const
  if (opcode === 0x43) reader.at += 4; // f32.const
  if (opcode === 0x44) reader.at += 8; // f64.const
  for (let count = numberCount(opcode); count > 0; count--) reader.u32();
}

/** How many unsigned numbers follow an opcode. */
function numberCount(opcode: number): number {
  if (opcode === 0x0c || opcode === 0x0d) return 1; // br, br_if
  if (opcode === 0x10) return 1; // call
  if (opcode === 0x11) return 2; // call_indirect
  if (opcode >= 0x20 && opcode <= 0x26) return 1; // locals, globals, tables
  if (opcode >= 0x28 && opcode <= 0x3e) return 2; // loads and stores: alignment, offset
  if (opcode === 0x3f || opcode === 0x40) return 1; // memory.size, memory.grow
  if (opcode === 0xd0 || opcode === 0xd2) return 1; // ref.null, ref.func
  if (opcode === 0xfc08 || opcode === 0xfc0a) return 2; // memory.init, memory.copy
  if (opcode === 0xfc09 || opcode === 0xfc0b) return 1; // data.drop, memory.fill
  if (opcode === 0xfc0c || opcode === 0xfc0e) return 2; // table.init, table.copy
  if (opcode >= 0xfc0d && opcode <= 0xfc11) return 1; // other table instructions
  const known = opcode <= 0xc4 || opcode === 0xd1 || (opcode >= 0xfc00 && opcode <= 0xfc07);
  if (!known) throw new Error(`unknown opcode 0x${opcode.toString(16)}`);
  return 0;
}

export function isFloat(opcode: number): boolean {
  const within = (first: number, last: number) => opcode >= first && opcode <= last;
  return (
    within(0x2a, 0x2b) || // loads
    within(0x38, 0x39) || // stores
    within(0x43, 0x44) || // constants
    within(0x5b, 0x66) || // comparisons
    within(0x8b, 0xa6) || // arithmetic
    within(0xa8, 0xab) || // conversions
    within(0xae, 0xbf) ||
    within(0xfc00, 0xfc07)
  );
}
