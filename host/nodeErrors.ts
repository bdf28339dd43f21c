// Errors in the shape of Node's own: `code` beside the name, the same sentences, and for what a call to the
// stack says, errno, syscall, address and port. For the modules that stand in for Node's.

import { inspect, getSystemErrorMap } from "node:util";
import { LONGEST_TIMEOUT_MS } from "./core/immediate.js";

type ErrorConstructor = new (message: string) => Error;

/** "TypeError [ERR_X]: ..." in traces and text, as errors of Node's own look. */
function coded(Base: ErrorConstructor, code: string, message: string): NodeJS.ErrnoException {
  const error = new Base(message) as NodeJS.ErrnoException;
  const { name } = error;
  // The stack takes the name that stands there when it is made.
  Object.defineProperty(error, "name", {
    value: `${name} [${code}]`,
    writable: true,
    configurable: true,
  });
  void error.stack;
  delete (error as { name?: string }).name;
  Object.defineProperty(error, "toString", {
    value: () => `${name} [${code}]: ${message}`,
    enumerable: false,
    writable: true,
    configurable: true,
  });
  error.code = code;
  return error;
}

/** What somebody passed, in words. */
function received(value: unknown): string {
  if (value == null) return ` Received ${value}`;
  if (typeof value === "function") return ` Received function ${(value as { name: string }).name}`;
  if (typeof value === "object") {
    const { constructor } = value;
    if (constructor?.name) return ` Received an instance of ${constructor.name}`;
    return ` Received ${inspect(value, { depth: -1 })}`;
  }
  const text = inspect(value, { colors: false });
  const short = text.length > 28 ? `${text.slice(0, 25)}...` : text;
  return ` Received type ${typeof value} (${short})`;
}

const LISTED = new Intl.ListFormat("en", { style: "long", type: "disjunction" });
const PRIMITIVES = new Set([
  "string",
  "function",
  "number",
  "object",
  "boolean",
  "bigint",
  "symbol",
]);

/** "of type number or string", "an instance of Buffer or Uint8Array", "one of type string or an instance of Buffer". */
function expected(types: readonly string[]): string {
  const plain = types.filter((type) => PRIMITIVES.has(type.toLowerCase()) && type !== "Object");
  const classes = types.filter((type) => !plain.includes(type));
  const parts: string[] = [];
  if (plain.length > 0) {
    const list = LISTED.format(plain.map((type) => type.toLowerCase()));
    parts.push(plain.length > 1 ? `one of type ${list}` : `of type ${list}`);
  }
  if (classes.length > 0) {
    if (classes.length === 1 && classes[0] === "Object") parts.push("of type object");
    else
      parts.push(
        `an instance of ${LISTED.format(classes.map((type) => (type === "Object" ? "object" : type)))}`,
      );
  }
  return parts.join(" or ");
}

const kindOf = (name: string) =>
  name.endsWith(" argument") ? name : `"${name}" ${name.includes(".") ? "property" : "argument"}`;

/** ERR_INVALID_ARG_TYPE: `name` is not of one of these types. */
export function invalidArgType(name: string, types: string | readonly string[], value: unknown) {
  const list = typeof types === "string" ? [types] : types;
  return coded(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The ${kindOf(name)} must be ${expected(list)}.${received(value)}`,
  );
}

/** ERR_INVALID_ARG_VALUE: right type, wrong value. */
export function invalidArgValue(name: string, value: unknown, reason = "is invalid") {
  let shown = inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  const kind = name.includes(".") ? "property" : "argument";
  return coded(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The ${kind} '${name}' ${reason}. Received ${shown}`,
  );
}

/** 1234567 as 1_234_567, as Node writes numbers that are out of range. */
function grouped(value: unknown): string {
  if (
    typeof value === "bigint" ||
    (Number.isInteger(value) && Math.abs(value as number) > 2 ** 32)
  ) {
    const text = String(value).replace(/\B(?=(\d{3})+$)/g, "_");
    return typeof value === "bigint" ? `${text}n` : text;
  }
  return inspect(value);
}

/** ERR_OUT_OF_RANGE. */
export function outOfRange(name: string, range: string, value: unknown) {
  return coded(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${grouped(value)}`,
  );
}

/** Any other error with a code of Node's. */
export function nodeError(code: string, message: string, Base: ErrorConstructor = Error) {
  return coded(Base, code, message);
}

export const missingArgs = (...names: (string | readonly string[])[]) => {
  const list = names.map((name) =>
    typeof name === "string" ? `"${name}"` : name.map((each) => `"${each}"`).join(" or "),
  );
  const text = new Intl.ListFormat("en", { style: "long", type: "conjunction" }).format(list);
  const noun = list.length === 1 ? "argument" : "arguments";
  return coded(TypeError, "ERR_MISSING_ARGS", `The ${text} ${noun} must be specified`);
};

/** A form that cannot be had on this stack: `what` as in "options.path". */
export const notOnThisStack = (what: string, why: string) =>
  coded(
    TypeError,
    "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
    `${what} cannot be used with MoteTCP: ${why}`,
  );

// Checks, as Node makes them.

export function validateFunction(value: unknown, name: string): void {
  if (typeof value !== "function") throw invalidArgType(name, "Function", value);
}

export function validateBoolean(value: unknown, name: string): void {
  if (typeof value !== "boolean") throw invalidArgType(name, "boolean", value);
}

export function validateNumber(value: unknown, name: string): void {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
}

export function validateInt32(value: unknown, name: string, min = -(2 ** 31), max = 2 ** 31 - 1) {
  validateNumber(value, name);
  const number = value as number;
  if (!Number.isInteger(number)) throw outOfRange(name, "an integer", value);
  if (number < min || number > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

export function validateAbortSignal(signal: unknown, name: string): asserts signal is AbortSignal {
  if (
    signal === undefined ||
    (signal !== null && typeof signal === "object" && "aborted" in signal)
  )
    return;
  throw invalidArgType(name, "AbortSignal", signal);
}

/** A port as a number: `least` to 65535, given as a number or as text. */
export function validatePort(port: unknown, name = "Port", least: 0 | 1 = 0): number {
  const isNumber = typeof port === "number";
  const isText = typeof port === "string" && port.trim().length > 0;
  const value = Number(port);
  if (!(isNumber || isText) || value !== value >>> 0 || value < least || value > 65_535) {
    const bound = least === 0 ? ">=" : ">";
    const text = `${name} should be ${bound} 0 and < 65536.${received(port)}.`;
    throw coded(RangeError, "ERR_SOCKET_BAD_PORT", text);
  }
  return value | 0;
}

/** The delay of a timer; one that is too long is cut, with a warning. */
export function validateDelay(value: unknown, name: string): number {
  validateNumber(value, name);
  const ms = value as number;
  if (ms < 0 || !Number.isFinite(ms)) throw outOfRange(name, "a non-negative finite number", ms);
  if (ms <= LONGEST_TIMEOUT_MS) return ms;
  process.emitWarning(
    `${ms} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${LONGEST_TIMEOUT_MS}.`,
    "TimeoutOverflowWarning",
  );
  return LONGEST_TIMEOUT_MS;
}

// Errors of calls.

/** Where a call failed. */
export interface CallPlace {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** "Local (address:port)", where the own end is told, too. */
  readonly local?: string;
}

/** What this system calls its errors: number and sentence by their code. */
const SYSTEM_ERRORS = new Map(
  [...getSystemErrorMap()].map(([errno, [code, words]]) => [code, { errno, words }]),
);
const UNKNOWN = { errno: -1, words: "unknown error" };

/** The negative errno of a code and its sentence, on this system. */
export const systemError = (code: string) => SYSTEM_ERRORS.get(code) ?? UNKNOWN;

/** "connect ECONNREFUSED 127.0.0.1:80", with code, errno, syscall, address and port. */
export function callError(code: string, syscall: string, place: CallPlace = {}) {
  return withPlace(`${syscall} ${code}`, code, syscall, place);
}

/** The same with the system's sentence: "listen EADDRINUSE: address already in use 127.0.0.1:80". */
export function callErrorInWords(code: string, syscall: string, place: CallPlace = {}) {
  const { words } = systemError(code);
  return withPlace(`${syscall} ${code}: ${words}`, code, syscall, place);
}

function withPlace(head: string, code: string, syscall: string, place: CallPlace) {
  const { address, port, local } = place;
  const target = port ? `${address}:${port}` : address;
  const where = address === undefined ? "" : ` ${target}`;
  const from = local === undefined ? "" : ` - Local (${local})`;
  const { errno } = systemError(code);
  return Object.assign(
    new Error(`${head}${where}${from}`),
    { errno, code, syscall },
    address === undefined ? {} : { address },
    port ? { port } : {},
  ) as NodeJS.ErrnoException;
}
