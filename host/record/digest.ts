// What the memory of a core is, in 32 bytes: pages of zeros are left out, because most of 139 MiB are.

import { createHash } from "node:crypto";
import type { Core } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { packPages } from "../snapshot/pages.js";

/** SHA-256 of the pages that are not all zeros, and of their places. */
export function digestOf({ memory, constant }: Core): Buffer {
  return createHash("sha256")
    .update(packPages(memory, constant(Constant.MEMORY_BYTES)))
    .digest();
}
