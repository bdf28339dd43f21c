// What the memory of a core is, in 32 bytes: pages of zeros are left out, because most of 139 MiB are.

import { createHash } from "node:crypto";
import type { Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { packPages } from "../snapshot/pages.js";
import type { Scope } from "./format.js";
import { besideRings } from "./rings.js";

/** SHA-256 of the pages that are not all zeros, and of their places. */
export function digestOf(core: Core, scope: Scope): Buffer {
  const { memory, constant } = core;
  const hash = createHash("sha256");
  if (scope === "all")
    return hash.update(packPages(memory, constant(Constant.MEMORY_BYTES))).digest();
  for (const { from, to } of besideRings(core)) {
    hash.update(packPages(memory.subarray(from, to), to - from));
  }
  return hash.digest();
}
