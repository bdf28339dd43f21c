// Captures into files: the writer of pcapng.ts with a file behind it.

import { closeSync, openSync, writeSync } from "node:fs";
import { createPcapngWriter, type CaptureWriter, type PcapngOptions } from "./pcapng.js";

/** A writer into a file, which it creates or empties. */
export function createPcapngFile(path: string, options: PcapngOptions = {}): CaptureWriter {
  const fd = openSync(path, "w");
  let open = true;
  const sink = (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  };
  const writer = createPcapngWriter(sink, options);
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
