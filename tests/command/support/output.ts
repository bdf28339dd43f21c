// What a verb prints, kept for a test.

import { Readable, Writable } from "node:stream";
import type { Io } from "../../../host/command/io.js";
import { createPaint } from "../../../host/command/style.js";

export interface Output {
  readonly io: Io;
  out(): string;
  err(): string;
}

export function output(): Output {
  let out = "";
  let err = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk);
      done();
    },
  });
  const stderr = { write: (text: string) => void (err += text) };
  const stdin = Readable.from([]);
  const io = {
    stdin,
    stdout,
    stderr,
    env: {},
    folder: "/",
    version: "1.2.3",
    paint: createPaint({}, {}),
  };
  return { io, out: () => out, err: () => err };
}
