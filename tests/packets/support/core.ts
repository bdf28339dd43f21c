// Cores for rigs: one per build and process, made new for each test by initialise(); the moment and
// the port at which our sequence numbers and the ms clock wrap together; the bytes behind the map.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Core, ProfileName, VariantName } from "../../../host/core/core.js";
import { createCore } from "../../../host/node/builds.js";
import { Constant, Event } from "../../../host/core/generated/abi.js";
import { readRecord } from "../../../host/core/records.js";
import { OUR_ADDRESS, OUR_MAC } from "./frame.js";

const CANARY = 0xa5;

export interface StartOptions {
  /** Time of the first advance; by default the clock and our sequence numbers wrap soon. */
  startMs?: number;
  mtu?: number;
  prefixLength?: number;
  /** Last byte of the router's address, on the first interface; 0: none. */
  router?: number;
  /** False: the interface has no address yet. */
  configured?: boolean;
}

export const entropy = (text: string) => createHash("sha256").update(`packets ${text}`).digest();

const canaries = new Map<number, Uint8Array>();

function canary(length: number): Uint8Array {
  const known = canaries.get(length) ?? new Uint8Array(length).fill(CANARY);
  canaries.set(length, known);
  return known;
}

const cores = new Map<string, Core>();

const keyOf = (profile: ProfileName, variant: VariantName, place: string) =>
  `${profile}.${variant}.${place}`;

/** One core per build, place and process: initialise() makes it as good as new. */
export async function coreFor(
  profile: ProfileName,
  variant: VariantName,
  place = "",
): Promise<Core> {
  const key = keyOf(profile, variant, place);
  const core = cores.get(key) ?? (await createCore(profile, variant));
  cores.set(key, core);
  core.memory.fill(CANARY, core.constant(Constant.MEMORY_BYTES));
  return core;
}

interface WrapPoint {
  port: number;
  startMs: number;
}
const wrapPoints = new WeakMap<Core, WrapPoint>();

/** A remote port for which nowMs * 250 + hash passes 2^32 together with nowMs: RFC 6528's clock
 * term is known, so one open connection tells the hash. */
function wrapPointOf(core: Core): WrapPoint {
  const known = wrapPoints.get(core);
  if (known) return known;
  const call = core.exports;
  for (let port = 40000; port < 65536; port++) {
    core.putAddress(Uint8Array.of(192, 0, 2, 10));
    const handle = call.connect(4, port, 0, 80);
    const hash = readRecord(core, handle)?.iss ?? Infinity;
    call.abort(handle);
    if (hash > 500_000) continue;
    const point = { port, startMs: 2 ** 32 - Math.floor(hash / 250) - 1 };
    wrapPoints.set(core, point);
    return point;
  }
  return assert.fail("no port brings our sequence numbers to the wrap");
}

function bringUp(core: Core, options: StartOptions): number {
  const { mtu = 1500, prefixLength = 24, router = 0, configured = true } = options;
  const call = core.exports;
  core.putAddress(Uint8Array.from(OUR_MAC));
  const handle = call.interfaceConfigure(0, mtu);
  assert.ok(handle >= 0);
  assert.equal(call.interfaceLink(0, 1), 0);
  if (handle > 0) assert.equal(call.takeEvents(handle), Event.LINK);
  if (!configured) return 0;
  core.putAddress(Uint8Array.from(OUR_ADDRESS));
  const address = call.addressAdd(0, 4, prefixLength, 0);
  assert.ok(address > 0);
  while (call.transmit(0) > 0); // the announcement
  if (router > 0) {
    core.putAddress(Uint8Array.of(192, 0, 2, router));
    assert.equal(call.interfaceRouter(0, 4), 0);
  }
  return address;
}

/** A core as after instantiation, with one interface up, at its first moment. */
export function startCore(core: Core, options: StartOptions): { address: number; startMs: number } {
  const call = core.exports;
  const again = (startMs: number) => {
    call.initialise();
    core.seed(entropy(core.profile));
    call.advance(startMs | 0, Math.imul(startMs, 1000));
    return { address: bringUp(core, options), startMs };
  };
  if (options.startMs !== undefined) return again(options.startMs);
  if (!wrapPoints.has(core)) {
    call.initialise();
    core.seed(entropy(core.profile));
    call.advance(0, 0);
    bringUp(core, {});
    wrapPointOf(core);
  }
  return again(wrapPointOf(core).startMs);
}

/** A core that failed in the middle is not used again. */
export function forgetCore(profile: ProfileName, variant: VariantName, place = ""): void {
  cores.delete(keyOf(profile, variant, place));
}

/** Nothing behind the map was ever written. */
export function assertUntouched(core: Core): void {
  const behind = core.memory.subarray(core.constant(Constant.MEMORY_BYTES));
  if (Buffer.compare(behind, canary(behind.length)) === 0) return;
  const touched = behind.findIndex((byte) => byte !== CANARY);
  assert.fail(`byte ${touched} behind the map was written`);
}

/** A remote port with which our initial sequence number is just below 2^32 at the first moment. */
export function wrapPortOf(core: Core): number {
  return wrapPoints.get(core)?.port ?? 40000;
}
