// The matrix on the small profiles: the same scripts, but for what a profile leaves out
// (docs/footprint.md).

import { runText, type ScriptResult } from "../../../host/packetdrill/runner.js";
import { allScripts } from "./emit.js";
import { isKnownFailure } from "./known.js";

export type SmallProfile = "esp32" | "tiny";

export interface Exception {
  /** Paths of scripts. */
  readonly scripts: RegExp;
  readonly why: string;
}

export const EXCEPTIONS: Readonly<Record<SmallProfile, readonly Exception[]>> = {
  esp32: [
    { scripts: /^data-across-right-edge/, why: "its ring is shorter than these numbers need" },
    { scripts: /timestamp-in/, why: "it has no timestamps" },
  ],
  tiny: [
    { scripts: /^data-across-right-edge/, why: "its ring is shorter than these numbers need" },
    { scripts: /timestamp-in/, why: "it has no timestamps" },
    { scripts: /^(data|fin)-out-of-order/, why: "it keeps nothing out of order" },
    { scripts: /^icmp-frag-needed/, why: "1000 bytes are no single segment of its ring" },
    {
      scripts: /^r2-in-SYN-RECEIVED\/passive/,
      why: "its handshakes are TCBs, whose RST has an ACK",
    },
  ],
};

/** Of all scripts that may be expected to pass, those that do not. */
export async function failuresOn(profile: SmallProfile): Promise<ScriptResult[]> {
  const scripts = allScripts().filter(
    ({ path }) =>
      !isKnownFailure(path) && !EXCEPTIONS[profile].some(({ scripts }) => scripts.test(path)),
  );
  const failed: ScriptResult[] = [];
  for (const { path, text } of scripts) {
    const result = await runText(path, withoutTimestampOption(text), { profile });
    if (result.status !== "passed") failed.push(result);
  }
  return failed;
}

/** The small profiles have no timestamps, hence no option that switches them off. */
export const withoutTimestampOption = (text: string) => text.replace("--option=TIMESTAMPS=0\n", "");
