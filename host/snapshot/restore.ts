// A stack out of a snapshot: the same build gets its memory again, the host's tables their objects, and the
// stack's clock goes on where it stood.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Connection } from "../core/connection.js";
import { PROFILES, VARIANTS, type Core, type ProfileName, type VariantName } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { StackInstance } from "../core/instance.js";
import type { Restored } from "../core/restored.js";
import type { StackOptions } from "../core/stack.js";
import { realClock, shiftClock, type Clock } from "../link/clock.js";
import type { Link } from "../link/link.js";
import { openCore, originOf } from "../node/builds.js";
import { extend, type NodeStack } from "../nodeStack.js";
import { badArgument, snapshotError } from "./errors.js";
import { decodeHead, decodePages, type SnapshotHead } from "./format.js";
import { unpackPages } from "./pages.js";

/** What a stack out of a snapshot needs, and may be told. */
export interface RestoreOptions {
  /** A link for each interface, in their order. They belong to the stack from then on. */
  links: readonly Link[];
  /** Adopts all connections, and those that the listeners accept. Default: each is adopted by hand. */
  onConnection?: (connection: Connection) => void;
  /**
   * Whether the time since the snapshot counts for the stack's timers. true (default): by the machine's time of
   * day, with a clock of your own by that. false: the stack goes on as if no time had passed. A number: so many ms.
   */
  timeAway?: boolean | number;
  /**
   * true (default): ports and other random choices are new from now on, so that two stacks out of one
   * snapshot do not choose alike. false: exactly as the stack before would have gone on. 32 bytes: from these.
   */
  reseed?: boolean | Uint8Array;
  /** Default: the machine's monotonic clock. */
  clock?: Clock;
  /** As of createStack(). Default true. */
  loop?: boolean;
  /** As of createStack(): names that are answered here. */
  hosts?: NonNullable<StackOptions["hosts"]>;
  /** Where the module is, if it was not one of the package's: a file or bytes. */
  wasm?: NonNullable<StackOptions["wasm"]>;
}

/** A stack that goes on where the one of a snapshot stood. */
export interface RestoredStack extends NodeStack {
  /** What waits for an owner, and what the snapshot said of its time. */
  readonly restored: Restored & RestoredFrom;
}

/** The time of a snapshot, and what has become of it. */
export interface RestoredFrom {
  /** When the snapshot was taken, by the machine that took it. */
  readonly takenAt: Date;
  /** What the stack's clock has gone on since, ms. */
  readonly awayMs: number;
}

/** Of `file`: what readFile gives, or its path. */
export type SnapshotSource = Uint8Array | string | URL;

/** What a snapshot says of itself. */
export interface SnapshotInfo {
  /** Of the package that wrote it. */
  readonly version: string;
  /** Profile of the core. */
  readonly profile: ProfileName;
  /** null: its module was given by the option wasm. */
  readonly variant: VariantName | null;
  /** SHA-256 of the module, in hex. */
  readonly module: string;
  /** When it was taken, by the machine that took it. */
  readonly takenAt: Date;
  /** What a link is needed for. */
  readonly interfaces: readonly {
    /** MAC of the interface, "02:00:00:00:00:01". */
    readonly mac: string;
    /** Largest IP packet that it takes, bytes. */
    readonly mtu: number;
    /** Whether it was up. */
    readonly up: boolean;
  }[];
  /** With a handle; handshakes and TIME-WAIT are not counted. */
  readonly connections: number;
  /** Listeners, those of the stack's own services among them. */
  readonly listeners: number;
  /** UDP and ping sockets. */
  readonly sockets: number;
}

/** Reads and checks a snapshot without restoring it. Throws as restoreStack() does. */
export function inspectSnapshot(source: SnapshotSource): SnapshotInfo {
  const head = decodeHead(bytesOf(source));
  const { interfaces, connections, listeners, sockets } = head.host;
  return {
    version: head.version,
    profile: head.profile as ProfileName,
    variant: head.variant as VariantName | null,
    module: head.module,
    takenAt: new Date(head.takenAtMs),
    interfaces: interfaces.map(({ mac, mtu, up }) => ({ mac, mtu, up })),
    connections: connections.length,
    listeners: listeners.length,
    sockets: sockets.length,
  };
}

/**
 * The stack of a snapshot, with its connections. What is not adopted waits for its owner. Rejects with
 * ERR_SNAPSHOT_FOREIGN, _VERSION, _TRUNCATED, _CORRUPT, _BUILD (another build of the core), EINVAL (a link is
 * missing or too small), and what the file system says.
 */
export async function restoreStack(
  source: SnapshotSource,
  options: RestoreOptions,
): Promise<RestoredStack> {
  const { links, onConnection, reseed = true, clock: given, loop = true, hosts, wasm } = options;
  const bytes = bytesOf(source);
  const head = decodeHead(bytes);
  const awayMs = timeAway(head, options.timeAway ?? true, given);
  const core = await fillCore(bytes, head, wasm);
  const base = given ?? realClock;
  const clock = shiftClock(base, head.toldMs + awayMs - base.now());
  const sinceMs = given === undefined ? Math.max(0, Date.now() - head.takenAtMs) : awayMs;
  const stack = new StackInstance(
    core,
    { clock, loop, ...(hosts === undefined ? {} : { hosts }) },
    { saved: head.host, links, entropy: entropyOf(reseed), missedMs: sinceMs - awayMs },
  );
  const restored = { ...stack.restored!, takenAt: new Date(head.takenAtMs), awayMs };
  if (onConnection !== undefined) adoptAll(restored, onConnection);
  return Object.assign(extend(stack), { restored });
}

function adoptAll(restored: Restored, onConnection: (connection: Connection) => void): void {
  for (const { service, adopt } of restored.listeners) if (service === null) adopt(onConnection);
  for (const { adopt } of restored.connections) onConnection(adopt());
}

function bytesOf(source: SnapshotSource): Buffer {
  if (typeof source === "string" || source instanceof URL) return readFileSync(source);
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
}

/** ms that the stack's clock has gone on. */
function timeAway(head: SnapshotHead, option: boolean | number, clock: Clock | undefined): number {
  if (option === false) return 0;
  if (option === true) {
    const away = clock === undefined ? Date.now() - head.takenAtMs : clock.now() - head.toldMs;
    return Math.max(0, away);
  }
  if (!(option >= 0 && option < Infinity))
    throw badArgument(`timeAway is a number of ms from 0 on, not ${option}`);
  return option;
}

function entropyOf(reseed: boolean | Uint8Array): Uint8Array | null {
  if (typeof reseed !== "boolean") return reseed;
  return reseed ? randomBytes(32) : null;
}

/** A fresh instance of the same build, with the memory of the snapshot. */
async function fillCore(
  bytes: Buffer,
  head: SnapshotHead,
  wasm: RestoreOptions["wasm"],
): Promise<Core> {
  const core = await openCore(wasm === undefined ? buildOf(head) : { wasm });
  const module = originOf(core)?.sha256?.() ?? "unknown, as it was given without its bytes";
  if (module !== head.module) {
    const text =
      `it was taken of another build of the core: its module has the SHA-256 ${head.module}, ` +
      `the one here ${module}; restore it with MoteTCP ${head.version}`;
    throw snapshotError("ERR_SNAPSHOT_BUILD", text);
  }
  if (head.memoryBytes !== core.constant(Constant.MEMORY_BYTES)) {
    throw snapshotError("ERR_SNAPSHOT_CORRUPT", "its memory is not as long as that of its build");
  }
  unpackPages(decodePages(bytes, head.memoryBytes), core.memory, head.memoryBytes);
  core.resume(head.toldMs);
  return core;
}

function buildOf(head: SnapshotHead): { profile: ProfileName; variant: VariantName } {
  const profile = PROFILES.find((name) => name === head.profile);
  const variant = VARIANTS.find((name) => name === head.variant);
  if (profile !== undefined && variant !== undefined) return { profile, variant };
  const text =
    head.variant === null
      ? `its module, with the SHA-256 ${head.module}, is none of the package: name it with the option wasm`
      : `there is no build ${head.profile} ${head.variant} here`;
  throw snapshotError("ERR_SNAPSHOT_BUILD", text);
}
