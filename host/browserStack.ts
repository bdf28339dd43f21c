// Makes stacks in a page or a worker of one, where the core's module comes from a server.

import { startCore } from "./core/core.js";
import { StackInstance } from "./core/instance.js";
import type { Stack, StackOptions } from "./core/stack.js";
import { compileWasm, instantiateWasm, wasmError } from "./core/wasm.js";

/**
 * Creates, seeds and starts a stack. Without the option `wasm` the module is where bundlers put files that are
 * named like this, or beside this package on the server. Rejects with ENOENT, EIO, ENOEXEC, EPERM or ENOMEM.
 */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const { profile = "desktop", variant = "release", wasm } = options;
  if (wasm === undefined && (profile !== "desktop" || variant !== "release")) {
    throw wasmError("EINVAL", `only desktop.wasm is found by itself; name another with wasm`);
  }
  const module = await compileWasm(wasm ?? new URL("../../build/desktop.wasm", import.meta.url));
  return new StackInstance(startCore(await instantiateWasm(module)), options);
}
