// Captures into files: the writer of pcapng.ts with a file behind it.

import { closeSync, openSync } from "node:fs";
import { writeAll } from "../node/writeAll.js";
import { createPcapngWriter, type CaptureWriter, type PcapngOptions } from "./pcapng.js";

/** A writer into a file, which it creates or empties. */
export function createPcapngFile(path: string, options: PcapngOptions = {}): CaptureWriter {
  const fd = openSync(path, "w");
  let open = true;
  const writer = createPcapngWriter((bytes) => writeAll(fd, bytes), options);
  return {
    ...writer,
    close() {
      if (!open) return;
      open = false;
      writer.flush();
      closeSync(fd);
    },
  };
}
