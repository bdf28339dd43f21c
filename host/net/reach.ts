// How a socket reaches its peer: a name is looked up, then its addresses are tried one after the other, the next
// one when an attempt failed or took too long (RFC 8305, as far as one family goes).

import { isIP } from "node:net";
import { ADDRCONFIG, type LookupAddress } from "node:dns";
import type { Connection } from "../core/connection.js";
import type { StateChange } from "../core/stateChanges.js";
import { callError, nodeError } from "../nodeErrors.js";
import type { Handle } from "./handle.js";
import { invalidAddress, type ConnectPlan } from "./options.js";
import type { World } from "./world.js";

/** What is told on the way. */
export interface Reaching {
  readonly world: World;
  /** Somebody still waits for this attempt. */
  isWanted(): boolean;
  onLookup(error: Error | null, address?: unknown, family?: unknown, host?: string): void;
  /** An address is tried. */
  onAttempt(address: string, port: number, family: number): void;
  /** The handle of a connection that is being opened. */
  open(connection: Connection): Handle;
  onAttemptFailed(address: string, port: number, family: number, error: Error): void;
  onAttemptTimeout(address: string, port: number, family: number): void;
  onReached(handle: Handle): void;
  onState(change: StateChange): void;
  onFailed(error: Error): void;
}

interface Candidate {
  readonly address: string;
  readonly family: number;
}

export function reach(plan: ConnectPlan, to: Reaching): void {
  const family = isIP(plan.host);
  if (family !== 0) {
    process.nextTick(() => {
      if (to.isWanted()) attemptAll(plan, to, [{ address: plan.host, family }]);
    });
    return;
  }
  const several = plan.several && plan.family !== 4 && plan.family !== 6 && !plan.localAddress;
  lookUp(plan, to, several);
}

function lookUp(plan: ConnectPlan, to: Reaching, several: boolean): void {
  const { family, host } = plan;
  const isAnyFamily = family !== 4 && family !== 6;
  const hints = plan.hints === 0 && isAnyFamily ? ADDRCONFIG : plan.hints;
  const lookup = plan.lookup ?? to.world.lookup;
  const options = several ? { family, hints, all: true } : { family, hints };
  lookup(host, options, (error: Error | null, found: unknown, foundFamily: unknown) => {
    if (several) onAll(plan, to, error, found);
    else onOne(plan, to, error, found, foundFamily);
  });
}

const later = (to: Reaching, error: Error) =>
  process.nextTick(() => to.isWanted() && to.onFailed(error));

function onOne(
  plan: ConnectPlan,
  to: Reaching,
  error: Error | null,
  found: unknown,
  family: unknown,
) {
  to.onLookup(error, found, family, plan.host);
  if (!to.isWanted()) return;
  const problem = error ?? problemOf(plan, found, family);
  if (problem !== null) later(to, problem);
  else attemptAll(plan, to, [{ address: found as string, family: family as number }]);
}

/** What is wrong with an address that a lookup gave; null: nothing. */
function problemOf({ host, port }: ConnectPlan, address: unknown, family: unknown): Error | null {
  if (typeof address !== "string" || !isIP(address)) return invalidAddress(address);
  if (family === 4 || family === 6) return null;
  const text = `Invalid address family: ${String(family)} ${host}:${port}`;
  return Object.assign(nodeError("ERR_INVALID_ADDRESS_FAMILY", text, RangeError), { host, port });
}

function onAll(plan: ConnectPlan, to: Reaching, error: Error | null, found: unknown): void {
  if (!to.isWanted()) return;
  if (error) {
    to.onLookup(error, undefined, undefined, plan.host);
    later(to, error);
    return;
  }
  const addresses = found as LookupAddress[];
  const usable: Candidate[] = [];
  let problem: Error | null = null;
  for (const { address, family } of addresses) {
    to.onLookup(null, address, family, plan.host);
    if (!to.isWanted()) return;
    const wrong = problemOf(plan, address, family);
    if (wrong === null) usable.push({ address, family });
    else problem ??= wrong;
  }
  if (usable.length === 0) later(to, problem ?? invalidAddress(undefined));
  else attemptAll(plan, to, inTurns(usable));
}

/** Families take turns, the first one's first. */
function inTurns(candidates: readonly Candidate[]): Candidate[] {
  const first = candidates.filter(({ family }) => family === candidates[0]!.family);
  const other = candidates.filter(({ family }) => family !== candidates[0]!.family);
  const mixed: Candidate[] = [];
  for (let i = 0; i < Math.max(first.length, other.length); i++) {
    for (const each of [first[i], other[i]]) if (each) mixed.push(each);
  }
  return mixed;
}

function attemptAll(plan: ConnectPlan, to: Reaching, candidates: readonly Candidate[]): void {
  const errors: Error[] = [];
  const isLast = (i: number) => i + 1 >= candidates.length;

  function attempt(i: number): void {
    if (!to.isWanted()) return;
    const { address, family } = candidates[i]!;
    const failed = (error: Error): void => {
      errors.push(error);
      to.onAttemptFailed(address, plan.port, family, error);
      if (!to.isWanted()) return;
      if (isLast(i)) to.onFailed(together(errors));
      else attempt(i + 1);
    };
    const handle = open(plan, to, candidates[i]!, failed);
    if (handle === null) return;
    const timer = isLast(i) ? undefined : setTimeout(tooLong, plan.attemptTimeoutMs);
    function tooLong(): void {
      if (!to.isWanted()) return;
      handle!.close(() => {});
      errors.push(callError("ETIMEDOUT", "connect", { address, port: plan.port }));
      to.onAttemptTimeout(address, plan.port, family);
      attempt(i + 1);
    }
    handle.belongTo({
      onConnect() {
        clearTimeout(timer);
        to.onReached(handle);
      },
      onError(error) {
        clearTimeout(timer);
        handle.close(() => {});
        failed(withLocal(plan, error, address));
      },
      onAbandoned() {
        clearTimeout(timer);
        to.onFailed(callError("ECONNABORTED", "connect", { address, port: plan.port }));
      },
      onState: (change) => to.onState(change),
      onData: () => false,
      onEnd: () => {},
      readInto: () => null,
    });
    to.onAttempt(address, plan.port, family);
  }

  attempt(0);
}

/** The stack refuses some at once; as everywhere, the caller hears of it later. */
function open(
  plan: ConnectPlan,
  to: Reaching,
  { address, family }: Candidate,
  failed: (error: Error) => void,
): Handle | null {
  const fail = (error: Error): null => {
    process.nextTick(failed, error);
    return null;
  };
  if (plan.blockList?.check(address, family === 6 ? "ipv6" : "ipv4"))
    return fail(nodeError("ERR_IP_BLOCKED", `IP(${address}) is blocked by net.BlockList`));
  const place = { address, port: plan.port };
  const failTried = (error: Error): null => {
    to.onAttempt(address, plan.port, family);
    return fail(error);
  };
  if (family === 6) return failTried(callError("EAFNOSUPPORT", "connect", place));
  if (plan.port === 0) return failTried(callError("ECONNREFUSED", "connect", place));
  try {
    return to.open(connectOn(to.world, plan, address));
  } catch (error) {
    const failure = translate(error as NodeJS.ErrnoException, plan, address);
    return failure.syscall === "bind" ? fail(failure) : failTried(failure);
  }
}

function connectOn(world: World, plan: ConnectPlan, address: string): Connection {
  const { stack } = world;
  if (!world.hasRoom()) throw callError("EMFILE", "connect");
  const { port, localAddress, localPort } = plan;
  // As everywhere, nobody's address is our own.
  const host = address === "0.0.0.0" ? "127.0.0.1" : address;
  const own = localAddress === "0.0.0.0" ? undefined : localAddress;
  return stack.connect({
    host,
    port,
    localPort,
    ...(own === undefined ? {} : { localAddress: own }),
  });
}

/** What the stack said, as the system would have. */
function translate(
  error: NodeJS.ErrnoException,
  plan: ConnectPlan,
  address: string,
): NodeJS.ErrnoException {
  const { localAddress, localPort, port } = plan;
  const code = codeOf(error);
  const isOwnEnd = code === "EADDRNOTAVAIL" || code === "EADDRINUSE";
  if (!isOwnEnd || (localAddress === undefined && localPort === 0))
    return callError(code, "connect", { address, port });
  return callError(code, "bind", { address: localAddress ?? "0.0.0.0", port: localPort });
}

/** An empty pool of records is as an empty table of files. */
export function codeOf(error: NodeJS.ErrnoException): string {
  return error.code === "ENOBUFS" ? "EMFILE" : (error.code ?? "EIO");
}

function withLocal(plan: ConnectPlan, error: NodeJS.ErrnoException, address: string): Error {
  const { localAddress, localPort, port } = plan;
  const code = error.code ?? "EIO";
  if (!localAddress || !localPort) return callError(code, "connect", { address, port });
  const local = `${localAddress}:${localPort}`;
  const failure = callError(code, "connect", { address, port, local });
  return Object.assign(failure, { localAddress, localPort });
}

function together(errors: readonly Error[]): Error {
  if (errors.length === 1) return errors[0]!;
  const { code } = errors[0] as NodeJS.ErrnoException;
  return Object.assign(new AggregateError(errors), { code });
}
