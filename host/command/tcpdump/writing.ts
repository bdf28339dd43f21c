// Frames into a pcapng file or to stdout, as they were: with their times, lengths and directions. A file that is
// there is only overwritten where that was asked for.

import { closeSync, openSync } from "node:fs";
import { createPacketWriter } from "../../link/pcapng.js";
import { writeAll } from "../../node/writeAll.js";
import { codeOf, CommandError, UsageError } from "../exit.js";
import { alreadyThere, WRITE_TROUBLE } from "../files.js";
import type { Io } from "../io.js";
import type { Form, Note } from "./notes.js";

export interface Capture extends Form {
  add(note: Pick<Note, "frame">): void;
  /** undefined: stdout. */
  readonly path: string | undefined;
  /** Hands over what was gathered. */
  flush(): void;
}

/** `path` "-": stdout. Throws EEXIST, and what node:fs says. */
export function openCapture(path: string, { force }: { force: boolean }, io: Io): Capture {
  if (path === "-") return captureTo(undefined, stdoutSink(io), () => undefined);
  const fd = openFile(path, force);
  const sink = (bytes: Uint8Array): void => {
    try {
      writeAll(fd, bytes);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  };
  return captureTo(path, sink, () => closeSync(fd));
}

function captureTo(
  path: string | undefined,
  sink: (bytes: Uint8Array) => void,
  close: () => void,
): Capture {
  const writer = createPacketWriter(sink);
  return {
    path,
    add: ({ frame }) => writer.frame(frame.bytes, frame.direction, frame.timeUs, frame.length),
    flush: () => writer.flush(),
    end() {
      try {
        writer.flush();
      } finally {
        close();
      }
    },
  };
}

function stdoutSink({ stdout }: Io): (bytes: Uint8Array) => void {
  if (stdout.isTTY === true) {
    throw new UsageError("-w - writes bytes, not text; pipe it, as in: -w - | wireshark -k -i -");
  }
  // The writer uses its buffer again.
  const stream: NodeJS.WritableStream = stdout;
  return (bytes) => void stream.write(Uint8Array.from(bytes));
}

function openFile(path: string, force: boolean): number {
  try {
    return openSync(path, force ? "w" : "wx");
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw unwritable(path, cause);
    throw alreadyThere(path, cause);
  }
}

function unwritable(path: string, cause: unknown): CommandError {
  const code = codeOf(cause) || "EIO";
  const text = `${path} cannot be written: ${WRITE_TROUBLE[code] ?? code}`;
  return new CommandError(code, text, undefined, { cause });
}
