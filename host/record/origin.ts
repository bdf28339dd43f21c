// What recordings of a core begin with: which build it is of, and where it does not begin with the first call, the
// memory of now.

import type { Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { originOf } from "../node/builds.js";
import { pageParts } from "../snapshot/pages.js";
import { packageVersion } from "../version.js";
import { DIGEST_BYTES, encodeStart, END, type Scope } from "./format.js";
import { digestOf } from "./digest.js";
import type { CallTable } from "./recorder.js";
import { inUse } from "./rings.js";

/** The beginning of a recording, as of `startedAtMs`. */
export function startOf(
  core: Core,
  calls: CallTable,
  snapshot: Scope | null,
  { pages, startedAtMs = Date.now() }: { pages: Uint8Array | null; startedAtMs?: number },
): Uint8Array {
  const { profile } = core;
  const origin = originOf(core);
  const module = origin?.sha256?.() ?? "";
  const variant = origin?.variant ?? null;
  const head = { version: packageVersion(), profile, variant, module, startedAtMs, calls };
  return encodeStart({ ...head, snapshot }, pages);
}

/** The memory of now, in parts that are valid until the next call of the core. */
export function pagesOf(core: Core, scope: Scope): Uint8Array[] {
  const to = core.constant(Constant.MEMORY_BYTES);
  return pageParts(core.memory, to, scope === "all" ? [{ from: 0, to }] : inUse(core));
}

/** The end of a recording: with what the memory is. */
export function endOf(core: Core, scope: Scope): Uint8Array {
  const bytes = new Uint8Array(1 + DIGEST_BYTES);
  bytes[0] = END;
  bytes.set(digestOf(core, scope), 1);
  return bytes;
}
