// The last things that happened in a run, for the message of a seed that fails. Frames are taken
// apart only then.

import { decode } from "../packets/support/frame.js";
import { describeView } from "../packets/support/text.js";

export interface Log {
  add(atUs: number, who: string, what: string | Uint8Array): void;
  lines(): string[];
}

export function createLog(most: number, print?: (line: string) => void): Log {
  const entries: { atUs: number; who: string; what: string | Uint8Array }[] = [];
  return {
    add(atUs, who, what) {
      const entry = { atUs, who, what };
      if (print) print(lineOf(entry));
      if (entries.length === most) entries.shift();
      entries.push(entry);
    },
    lines: () => entries.map(lineOf),
  };
}

function lineOf({ atUs, who, what }: { atUs: number; who: string; what: string | Uint8Array }) {
  const text = typeof what === "string" ? what : describeFrame(what);
  return `${(atUs / 1e6).toFixed(6).padStart(12)} ${who} ${text}`;
}

function describeFrame(frame: Uint8Array): string {
  try {
    const arp = frame[12] === 8 && frame[13] === 6;
    const end = arp ? 42 : 14 + ((frame[16] ?? 0) << 8) + (frame[17] ?? 0);
    return describeView(decode(frame.subarray(0, end)));
  } catch {
    return `${frame.length} bytes: ${Buffer.from(frame.subarray(12, 62)).toString("hex")}`;
  }
}
