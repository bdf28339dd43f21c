// The matrix on the small profiles: the same scripts, but for what a profile leaves out
// (docs/footprint.md).

import { runText, type ScriptResult } from "../../../host/packetdrill/runner.js";
import { allScripts } from "./emit.js";
import {
  EXCEPTIONS,
  withoutTimestampOption,
  type SmallProfile,
} from "../../../host/conformance/exceptions.js";
import { isKnownFailure } from "../../../host/conformance/known.js";

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
