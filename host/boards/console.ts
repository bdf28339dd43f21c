// The console of a board: bytes both ways, and what waits for some of them.

import type { Readable, Writable } from "node:stream";

export interface Console {
  write(bytes: Uint8Array | string): void;
  /** Everything that came and was not taken by read(). */
  text(): string;
  /** Waits until what has come matches; what matched. Rejects when the console ends before, or after so many ms. */
  seen(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Takes the next bytes, waiting until they have come. */
  read(count: number, withinMs?: number): Promise<Buffer>;
  /** Forgets what has come. */
  clear(): void;
  /** Told what comes, as it comes. */
  onData: ((bytes: Buffer) => void) | null;
}

const WITHIN_MS = 30_000;
/** Kept of what nobody takes. */
const MOST_BYTES = 1024 * 1024;

export function createConsole(input: Writable, output: Readable): Console {
  const chunks: Buffer[] = [];
  const checks = new Set<() => void>();
  let isOver = false;

  const all = () => {
    if (chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks));
    return chunks[0] ?? Buffer.alloc(0);
  };

  /** Resolves as soon as `look` finds something. */
  function wait<T>(what: string, withinMs: number, look: () => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        if (found === null && !isOver) return;
        stop();
        if (found !== null) resolve(found);
        else reject(new Error(`the console ended before ${what}; it said: ${all().toString()}`));
      };
      const late = setTimeout(() => {
        stop();
        reject(new Error(`no ${what} in ${withinMs} ms; the console said: ${all().toString()}`));
      }, withinMs);
      const stop = () => {
        clearTimeout(late);
        checks.delete(check);
      };
      checks.add(check);
      check();
    });
  }

  const console: Console = {
    onData: null,
    write: (bytes) => void input.write(bytes),
    text: () => all().toString("latin1"),
    seen: (pattern, withinMs = WITHIN_MS) =>
      wait(String(pattern), withinMs, () => pattern.exec(console.text())),
    read: (count, withinMs = WITHIN_MS) =>
      wait(`${count} bytes`, withinMs, () => {
        const bytes = all();
        if (bytes.length < count) return null;
        chunks[0] = bytes.subarray(count);
        return bytes.subarray(0, count);
      }),
    clear: () => void chunks.splice(0),
  };
  input.on("error", () => undefined);
  output.on("data", (bytes: Buffer) => {
    chunks.push(bytes);
    // Whoever only looks on takes nothing: what is old goes.
    if (all().length > MOST_BYTES) chunks[0] = all().subarray(-MOST_BYTES / 2);
    console.onData?.(bytes);
    for (const check of [...checks]) check();
  });
  output.on("close", () => {
    isOver = true;
    for (const check of [...checks]) check();
  });
  return console;
}
