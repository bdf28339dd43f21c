// Frames of a pcap or pcapng file. What is no capture is told before anything else is opened; where a file is cut
// off, the frames before that place come first.

import { setImmediate as nextTurn } from "node:timers/promises";
import { readCapture, type CapturedFrame } from "../../link/captureReader.js";
import { readCaptureFile } from "../../link/pcapFile.js";
import { codeOf, CommandError, messageOf } from "../exit.js";
import { READ_TROUBLE } from "../files.js";
import type { FrameSource } from "./source.js";

/** Frames between two looks at signals and at whoever reads the output. */
const PIECE_FRAMES = 512;

export async function openFileSource(path: string): Promise<FrameSource> {
  let frames: Generator<CapturedFrame, void, undefined>;
  let first: IteratorResult<CapturedFrame, void>;
  try {
    frames = readCapture(await readCaptureFile(path));
    first = frames.next();
  } catch (cause) {
    throw unreadable(path, cause);
  }
  let closed = false;

  function* piece(from: IteratorResult<CapturedFrame, void>): Generator<CapturedFrame> {
    let result = from;
    for (let count = 1; !result.done; count++) {
      yield result.value;
      if (count === PIECE_FRAMES) return;
      result = frames.next();
    }
  }

  return {
    name: path,
    isLive: false,
    async *pieces() {
      let next = first;
      for (;;) {
        if (closed || next.done) return;
        const gathered: CapturedFrame[] = [];
        let problem: unknown = null;
        try {
          for (const frame of piece(next)) gathered.push(frame);
          next = frames.next();
        } catch (error) {
          problem = error;
        }
        yield gathered;
        if (problem !== null) throw unreadable(path, problem);
        await nextTurn();
      }
    },
    lost: () => null,
    lostBy: "nobody",
    close: () => void (closed = true),
  };
}

function unreadable(path: string, cause: unknown): CommandError {
  const code = codeOf(cause) || "EIO";
  const why = READ_TROUBLE[code] ?? messageOf(cause).replace(`${path}: `, "");
  return new CommandError(code, `${path} cannot be read: ${why}`, undefined, { cause });
}
