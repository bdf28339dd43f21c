// The core's modules as Node gets them: files of this package, or what the option wasm says. Each build is
// read and compiled once per thread; its instances share the module.

import { createHash } from "node:crypto";
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
  through: Through = straight,
): Promise<Core> {
  const build = await compile(profile, variant);
  const { instance } = await instantiate(build.module);
  // The instance's own exports: the loader's wrappers would cost each call ten times as much.
  const core = startCore(through(instance.exports as unknown as CoreExports), profile);
  return remember(core, { variant, sha256: build.sha256 });
}

/** What stands between a core and all its calls. */
type Through = (exports: CoreExports) => CoreExports;

const straight: Through = (exports) => exports;

/** The core that the options of a stack name. */
export async function openCore(
  { profile, variant, wasm }: Build,
  through: Through = straight,
): Promise<Core> {
  if (wasm === undefined) return createCore(profile, variant, through);
  const { module, sha256 } = await compileGiven(await wasm);
  const { instance } = await instantiate(module);
  const core = startCore(through(instance.exports as unknown as CoreExports));
  return remember(core, { variant: null, sha256 });
}

/** The same at once: reads and compiles on this thread, the first time. */
export function openCoreSync(
  { profile = "desktop", variant = "release", wasm }: Build,
  through: Through = straight,
): Core {
  const isNamed = wasm === undefined;
  const { module, sha256 } = isNamed ? compileSync(profile, variant) : compileGivenSync(wasm);
  const { instance } = instantiateSync(module);
  const exports = through(instance.exports as unknown as CoreExports);
  const core = startCore(exports, isNamed ? profile : undefined);
  return remember(core, { variant: isNamed ? variant : null, sha256 });
}

/** Which module an instance is of: what a snapshot of it belongs to. */
export interface Origin {
  /** null: the option wasm said where it is. */
  readonly variant: VariantName | null;
  /** Of the module as it was read, in hex; null: it was given without its bytes. */
  readonly sha256: (() => string) | null;
}

const origins = new WeakMap<Core, Origin>();

function remember(core: Core, origin: Origin): Core {
  origins.set(core, origin);
  return core;
}

/** Of a core that was made here; null: it was not. */
export const originOf = (core: Core): Origin | null => origins.get(core) ?? null;

interface Compiled extends Pick<Origin, "sha256"> {
  readonly module: WebAssembly.Module;
}

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Counted when it is asked for; the bytes are nobody else's. */
function digestLater(bytes: Uint8Array): () => string {
  let digest: string | undefined;
  return () => (digest ??= digestOf(bytes));
}

const modules = new Map<string, Compiled>();
const underWay = new Map<string, Promise<Compiled>>();

async function compile(profile: ProfileName, variant: VariantName): Promise<Compiled> {
  const key = keyOf(profile, variant);
  const known = modules.get(key) ?? underWay.get(key);
  if (known !== undefined) return known;
  const file = coreFile(profile, variant);
  const reading = readFile(file).catch((cause) => fail(notBuilt(profile, file, cause)));
  const compiling = reading.then(async (bytes) => {
    return { module: await WebAssembly.compile(bytes), sha256: digestLater(bytes) };
  });
  underWay.set(key, compiling);
  try {
    const build = await compiling;
    modules.set(key, build);
    return build;
  } finally {
    underWay.delete(key);
  }
}

function compileSync(profile: ProfileName, variant: VariantName): Compiled {
  const key = keyOf(profile, variant);
  const known = modules.get(key);
  if (known !== undefined) return known;
  const file = coreFile(profile, variant);
  const bytes = readOr(file, (cause) => notBuilt(profile, file, cause));
  const build = { module: new WebAssembly.Module(bytes), sha256: digestLater(bytes) };
  modules.set(key, build);
  return build;
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

async function compileGiven(source: WasmSource): Promise<Compiled> {
  const path = pathOf(source);
  if (path === null) return { module: await compileWasm(source), sha256: digestOfGiven(source) };
  const bytes = await readFile(path).catch((cause) => fail(notRead(path, cause)));
  checkMagic(bytes, path);
  return { module: await compileWasm(bytes), sha256: digestOfGiven(bytes) };
}

/** Counted at once: its owner may write into them later. */
function digestOfGiven(source: WasmSource): (() => string) | null {
  const isBuffer = source instanceof ArrayBuffer;
  if (!isBuffer && !ArrayBuffer.isView(source)) return null;
  const digest = digestOf(
    isBuffer
      ? new Uint8Array(source)
      : new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
  );
  return () => digest;
}

function compileGivenSync(source: Build["wasm"]): Compiled {
  if (source instanceof WebAssembly.Module) return { module: source, sha256: null };
  const path = pathOf(source as WasmSource);
  const bytes = path === null ? source : readOr(path, (cause) => notRead(path, cause));
  if (!(bytes instanceof ArrayBuffer || ArrayBuffer.isView(bytes))) throw notAtOnce(source);
  checkMagic(bytes, path ?? "");
  try {
    return { module: new WebAssembly.Module(bytes), sha256: digestOfGiven(bytes) };
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
