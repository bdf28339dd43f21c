// Records a stack from its first call on, into a file or whatever takes bytes.

import { closeSync, fchmodSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Core } from "../core/core.js";
import { machine } from "../core/machine.js";
import type { CoreExports } from "../core/generated/abi.js";
import type { Origin } from "../node/builds.js";
import { writeAll } from "../node/writeAll.js";
import { packageVersion } from "../version.js";
import { digestOf } from "./digest.js";
import { encodeHead } from "./format.js";
import { createRecorder, type Recorder, type RecordingSink } from "./recorder.js";

/** Where a recording goes. */
export interface RecordOptions {
  /** A file, made with mode 0600: it holds keys, and all that came in. Or whoever takes the bytes. */
  to: string | URL | RecordingSink;
  /** Replaces a file that is there. Default false: EEXIST. */
  overwrite?: boolean;
}

/** A recording of one core. */
export interface Recording {
  /** Stands between the core and its calls. */
  through(exports: CoreExports): CoreExports;
  /** The core has started: what it is becomes known. */
  begin(core: Core, origin: Origin | null): void;
}

/** Throws what the file system says, EEXIST in words. */
export function createRecording({ to, overwrite = false }: RecordOptions): Recording {
  const out =
    typeof to === "function" ? { write: to, close: () => undefined } : openFile(to, overwrite);
  let recorder: Recorder;
  /** What was gathered before the head could be written. */
  let early: Uint8Array[] | null = [];

  return {
    through(exports) {
      recorder = createRecorder(exports, (bytes) => {
        if (early === null) out.write(bytes);
        else early.push(bytes.slice());
      });
      return recorder.exports;
    },
    begin(core, origin) {
      const { profile } = core;
      const module = origin?.sha256?.() ?? "";
      const head = { version: packageVersion(), profile, variant: origin?.variant ?? null, module };
      out.write(encodeHead({ ...head, startedAtMs: Date.now(), calls: recorder.calls }));
      for (const bytes of early ?? []) out.write(bytes);
      early = null;
      // A process that just ends leaves a recording without its end, and all that was gathered.
      const forget = machine().onExit(recorder.flush);
      core.onEnd = () => {
        forget();
        recorder.end(digestOf(core));
        out.close();
      };
    },
  };
}

function openFile(file: string | URL, overwrite: boolean) {
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const fd = opened(path, overwrite);
  // One that is overwritten keeps its mode, and others might have been let in.
  fchmodSync(fd, 0o600);
  return {
    write: (bytes: Uint8Array): void => writeAll(fd, bytes),
    close: () => closeSync(fd),
  };
}

function opened(path: string, overwrite: boolean): number {
  try {
    return openSync(path, overwrite ? "w" : "wx", 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw cause;
    const text = `recording EEXIST: ${path} is there already; overwrite: true replaces it`;
    throw Object.assign(new Error(text, { cause }), { code, path, syscall: "open" });
  }
}
