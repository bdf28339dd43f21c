// From wherever the core's module is to a compiled one: an address, bytes, a response, or a module already.
// Addresses are fetched and compiled once per thread. What goes wrong is said for whoever has to mend it.

/** Types of the platform's, where it has them: a program without those of a browser can name this one, too. */
type Global<Name extends string, Otherwise> = typeof globalThis extends {
  [key in Name]: { prototype: infer Instance };
}
  ? Instance
  : Otherwise;
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Instance } };
}
  ? Instance
  : object;

/** Where the core's module is. Text is an address, on Node a path, too. */
export type WasmSource =
  URL | string | ArrayBuffer | ArrayBufferView | CompiledModule | Global<"Response", never>;

const byAddress = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles it. Rejects with ENOENT, EIO, ENOEXEC or EPERM. */
export async function compileWasm(
  given: WasmSource | Promise<WasmSource>,
): Promise<CompiledModule> {
  const source = await given;
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === "string" || source instanceof URL) return compileAddress(String(source));
  if (isResponse(source)) return compileResponse(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return compileBytes(source);
  throw strange(source);
}

/** An error of the option `wasm`. */
export function wasmError(code: string, problem: string, cause?: unknown): Error {
  return Object.assign(new Error(`the core cannot be loaded: ${problem}`, { cause }), { code });
}

export const strange = (source: unknown): Error =>
  wasmError(
    "EINVAL",
    `the option wasm takes an address, bytes, a Response or a Module, not ${describe(source)}`,
  );

function describe(value: unknown): string {
  return value === null || typeof value !== "object"
    ? String(value)
    : Object.prototype.toString.call(value);
}

const isResponse = (source: object): source is Response =>
  typeof Response !== "undefined" && source instanceof Response;

function compileAddress(address: string): Promise<WebAssembly.Module> {
  let compiling = byAddress.get(address);
  if (compiling === undefined) {
    compiling = fetchFrom(address).then(compileResponse);
    // What failed may be there the next time.
    compiling.catch(() => byAddress.delete(address));
    byAddress.set(address, compiling);
  }
  return compiling;
}

async function fetchFrom(address: string): Promise<Response> {
  try {
    return await fetch(address);
  } catch (cause) {
    const problem = `${address} cannot be fetched: the server is not reached, or CORS or the page's Content-Security-Policy (connect-src) forbids it`;
    throw wasmError("EIO", problem, cause);
  }
}

const NOT_THERE = new Set([404, 410]);
const WASM_TYPE = "application/wasm";

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const { url, status, statusText } = response;
  if (!response.ok) {
    const code = NOT_THERE.has(status) ? "ENOENT" : "EIO";
    const problem = `${url || "the response"} answers ${status} ${statusText}`.trim();
    throw wasmError(code, `${problem}; say where the module is with the option wasm`);
  }
  // Servers that do not know the type are common: then all of it is read first.
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  const isTyped = type.trim().toLowerCase() === WASM_TYPE;
  if (!isTyped || WebAssembly.compileStreaming === undefined) {
    return compileBytes(await response.arrayBuffer(), url);
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw compileError(cause, url);
  }
}

/** The first four bytes of every module. */
const MAGIC = "\0asm";

async function compileBytes(bytes: ArrayBuffer | ArrayBufferView, from = "") {
  checkMagic(bytes, from);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw compileError(cause, from);
  }
}

/** Throws ENOEXEC for what is not even the start of a module, as a page that says "not found". */
export function checkMagic(bytes: ArrayBuffer | ArrayBufferView, from: string): void {
  const [buffer, at] = bytes instanceof ArrayBuffer ? [bytes, 0] : [bytes.buffer, bytes.byteOffset];
  const head = String.fromCharCode(
    ...new Uint8Array(buffer, at, Math.min(bytes.byteLength, MAGIC.length)),
  );
  if (head === MAGIC) return;
  const kind = head.trimStart().startsWith("<")
    ? "a page of HTML: the server answers so for what it does not have"
    : "no WebAssembly";
  throw wasmError("ENOEXEC", `${from || "what the option wasm gives"} is ${kind}`);
}

/** The engine's error, in words that help. */
export function compileError(cause: unknown, from = ""): Error {
  const { message } = cause as Error;
  if (/Content.Security.Policy|\bCSP\b|unsafe-eval/i.test(message)) {
    const problem = `the page's Content-Security-Policy forbids WebAssembly: add script-src 'wasm-unsafe-eval'`;
    return wasmError("EPERM", problem, cause);
  }
  return wasmError("ENOEXEC", `${from === "" ? "" : `${from}: `}${message}`, cause);
}
