// The report: lines of text on the standard output, and whether something has failed.

// @ts-ignore: decorator
@external("wasi:cli/stdout@0.2.0", "get-stdout")
declare function getStdout(): i32;

// @ts-ignore: decorator
@external("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush")
declare function writeAndFlush(stream: i32, at: usize, length: u32, result: usize): void;

// @ts-ignore: decorator
@external("wasi:io/streams@0.2.0", "[resource-drop]output-stream")
declare function dropStream(stream: i32): void;

/** A line is shorter. */
const LINE_BYTES: u32 = 1024;
const LINE = memory.data(1024);
const RESULT = memory.data(16, 4);

let length: u32 = 0;
let failures: u32 = 0;

function put(byte: u32): void {
  if (length < LINE_BYTES) store<u8>(LINE + length++, byte);
}

/** Adds ASCII to the line. */
export function say(text: string): void {
  for (let i = 0; i < text.length; i++) put(text.charCodeAt(i));
}

export function sayNumber(value: u64): void {
  let scale: u64 = 1;
  while (value / scale >= 10) scale *= 10;
  for (; scale > 0; scale /= 10) put(0x30 + <u32>((value / scale) % 10));
}

/** Adds bytes that are ASCII. */
export function sayBytes(at: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) put(load<u8>(at + i));
}

/** Prints the line. */
export function endLine(): void {
  put(0x0a);
  const stream = getStdout();
  writeAndFlush(stream, LINE, length, RESULT);
  // Who cannot be told is told by the exit code.
  if (load<u8>(RESULT) != 0) failures++;
  dropStream(stream);
  length = 0;
}

/** Notes what is not as it has to be. */
export function check(condition: bool, what: string): bool {
  if (condition) return true;
  failures++;
  say("FAILED: ");
  say(what);
  endLine();
  return false;
}

export function hasFailed(): bool {
  return failures > 0;
}
