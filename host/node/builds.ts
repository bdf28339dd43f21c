// The core's modules as Node gets them: files of this package, or what the option wasm says. Each build is
// read and compiled once per thread; its instances share the module.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { instantiate, instantiateSync } from "@assemblyscript/loader";
import {
  PROFILES,
  startCore,
  type Core,
  type ProfileName,
  type VariantName,
} from "../core/core.js";
import type { CoreExports } from "../core/generated/abi.js";
import type { StackOptions } from "../core/stack.js";
import {
  checkMagic,
  compileError,
  compileWasm,
  strange,
  wasmError,
  type WasmSource,
} from "../core/wasm.js";

type Build = Pick<StackOptions, "profile" | "variant" | "wasm">;

/** File of a build, found from this package. */
export function coreFile(profile: ProfileName, variant: VariantName = "release"): URL {
  const name = variant === "release" ? `${profile}.wasm` : `${profile}.${variant}.wasm`;
  return new URL(`../../../build/${name}`, import.meta.url);
}

/**
 * A fresh instance. The seed is the caller's business: nothing opens before it. `through`: what stands between
 * the core and all its calls, as something that writes them down.
 */
export async function createCore(
  profile: ProfileName = "desktop",
  variant: VariantName = "release",
  through: (exports: CoreExports) => CoreExports = (exports) => exports,
): Promise<Core> {
  const { instance } = await instantiate(await compile(profile, variant));
  // The instance's own exports: the loader's wrappers would cost each call ten times as much.
  return startCore(through(instance.exports as unknown as CoreExports), profile);
}

/** The core that the options of a stack name. */
export async function openCore({ profile, variant, wasm }: Build): Promise<Core> {
  if (wasm === undefined) return createCore(profile, variant);
  const { instance } = await instantiate(await compileGiven(await wasm));
  return startCore(instance.exports as unknown as CoreExports);
}

/** The same at once: reads and compiles on this thread, the first time. */
export function openCoreSync({ profile = "desktop", variant = "release", wasm }: Build): Core {
  const module = wasm === undefined ? compileSync(profile, variant) : compileGivenSync(wasm);
  const { instance } = instantiateSync(module);
  const named = wasm === undefined ? profile : undefined;
  return startCore(instance.exports as unknown as CoreExports, named);
}

const modules = new Map<string, WebAssembly.Module>();
const underWay = new Map<string, Promise<WebAssembly.Module>>();

async function compile(profile: ProfileName, variant: VariantName): Promise<WebAssembly.Module> {
  const key = keyOf(profile, variant);
  const known = modules.get(key) ?? underWay.get(key);
  if (known !== undefined) return known;
  const file = coreFile(profile, variant);
  const reading = readFile(file).catch((cause) => fail(notBuilt(profile, file, cause)));
  const compiling = reading.then((bytes) => WebAssembly.compile(bytes));
  underWay.set(key, compiling);
  try {
    const module = await compiling;
    modules.set(key, module);
    return module;
  } finally {
    underWay.delete(key);
  }
}

function compileSync(profile: ProfileName, variant: VariantName): WebAssembly.Module {
  const key = keyOf(profile, variant);
  const known = modules.get(key);
  if (known !== undefined) return known;
  const file = coreFile(profile, variant);
  const module = new WebAssembly.Module(readOr(file, (cause) => notBuilt(profile, file, cause)));
  modules.set(key, module);
  return module;
}

function keyOf(profile: ProfileName, variant: VariantName): string {
  if (PROFILES.includes(profile)) return `${profile}.${variant}`;
  const text = `no profile "${profile}": there are ${PROFILES.join(", ")}`;
  throw Object.assign(new RangeError(text), { code: "EINVAL" });
}

function notBuilt(profile: ProfileName, file: URL, cause: unknown): Error {
  const text = `the ${profile} profile of the core is not built: ${file.pathname} cannot be read; run: npm run build`;
  return Object.assign(new Error(text, { cause }), { code: (cause as { code?: string }).code });
}

// What the option wasm gives.

const FETCHED = /^(https?|data|blob):/;

/** The path of a file, where that is what is meant. */
function pathOf(source: WasmSource): string | null {
  if (typeof source !== "string" && !(source instanceof URL)) return null;
  const text = String(source);
  if (FETCHED.test(text)) return null;
  return text.startsWith("file:") ? fileURLToPath(text) : text;
}

async function compileGiven(source: WasmSource): Promise<WebAssembly.Module> {
  const path = pathOf(source);
  if (path === null) return compileWasm(source);
  const bytes = await readFile(path).catch((cause) => fail(notRead(path, cause)));
  checkMagic(bytes, path);
  return compileWasm(bytes);
}

function compileGivenSync(source: Build["wasm"]): WebAssembly.Module {
  if (source instanceof WebAssembly.Module) return source;
  const path = pathOf(source as WasmSource);
  const bytes = path === null ? source : readOr(path, (cause) => notRead(path, cause));
  if (!(bytes instanceof ArrayBuffer || ArrayBuffer.isView(bytes))) throw notAtOnce(source);
  checkMagic(bytes, path ?? "");
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw compileError(cause, path ?? "");
  }
}

function notAtOnce(source: Build["wasm"]): Error {
  const takesTime =
    source instanceof Promise ||
    source instanceof Response ||
    source instanceof URL ||
    typeof source === "string";
  if (!takesTime) return strange(source);
  const problem =
    "createStackSync() takes a file, bytes or a Module; what must be waited for is for createStack()";
  return wasmError("EINVAL", problem);
}

const notRead = (path: string, cause: unknown): Error =>
  wasmError((cause as { code?: string }).code ?? "EIO", `${path} cannot be read`, cause);

function readOr(file: string | URL, errorOf: (cause: unknown) => Error): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw errorOf(cause);
  }
}

function fail(error: Error): never {
  throw error;
}
