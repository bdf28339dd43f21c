// One core on a wire under virtual time: frames in, frames out. What the stack sends is kept in
// order and must be expected, frame by frame. A core is used for many tests: initialise() makes it
// new; the teardown checks that every pool is empty again and that nothing wrote behind the map.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core, ProfileName, VariantName } from "../../../host/core/core.js";
import { Option, Pool, poolNames } from "../../../host/core/generated/abi.js";
import { CONNECTION_POOLS } from "../../../host/packetdrill/teardown.js";
import {
  assertUntouched,
  coreFor,
  forgetCore,
  startCore,
  type StartOptions,
  wrapPortOf,
} from "./core.js";
import { type ArpView, arpFrame, decode, type IcmpView, type View } from "./frame.js";
import { type Look, makeLook } from "./look.js";
import { describeView } from "./text.js";

const LONGEST_STEP_MS = 2 ** 30;
/** Frames that one moment may bring; more is a storm. */
const STORM = 5000;

/** What a profile may leave out (assembly/config.ts, docs/footprint.md). */
export type Feature =
  | "extensions"
  | "reassembly"
  | "sourceLimits"
  | "icmpReports"
  | "caches"
  | "loopback"
  | "sack"
  | "sockets";

const LEFT_OUT: Partial<Record<ProfileName, readonly Feature[]>> = {
  tiny: [
    "extensions",
    "reassembly",
    "sourceLimits",
    "icmpReports",
    "caches",
    "loopback",
    "sack",
    "sockets",
  ],
  esp32: ["extensions", "sack", "sourceLimits"],
};

export function hasFeature(profile: ProfileName, feature: Feature): boolean {
  return !LEFT_OUT[profile]?.includes(feature);
}

export interface RigOptions extends StartOptions {
  profile?: ProfileName;
  /** Only on profiles that have this. */
  needs?: Feature;
  variant?: VariantName;
  /** Why it cannot run here. */
  skip?: string | false;
  /** False: nobody answers our ARP requests, and tests see them. */
  answersArp?: boolean;
}

export interface Sent {
  atMs: number;
  interfaceIndex: number;
  /** The result of receive, not of transmit. */
  immediate: boolean;
  view: View;
}

export interface Rig extends Look {
  readonly core: Core;
  readonly profile: ProfileName;
  readonly call: Core["exports"];
  /** A remote port with which our initial sequence number is just below 2^32. */
  readonly wrapPort: number;
  /** Handle of the first address. */
  readonly address: number;
  /** Frames sent and not yet expected. */
  readonly sent: Sent[];
  /** ms since the test began. */
  now(): number;
  /** One frame; its immediate reply and what transmit then has are kept. */
  inject(frame: Uint8Array, interfaceIndex?: number): void;
  /** Frames of one batch: transmit runs after the last. */
  injectBatch(frames: Uint8Array[]): void;
  /** User calls without transmit between them. */
  hold<T>(calls: () => T): T;
  pump(): void;
  /** Lets time pass; everything due on the way happens at its moment. */
  advance(ms: number): void;
  /** The host sleeps: one step of the clock, whatever was due in between. */
  sleep(ms: number): void;
  expectNothing(what?: string): void;
  expectArp(expected: Partial<ArpView>): ArpView;
  expectIcmp(expected: Partial<IcmpView>): IcmpView;
  take(what: string): Sent;
  note(text: string): void;
  fail(problem: string): never;
  putAddress(bytes: number[]): number;
  finish(): void;
}

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const { profile = "desktop", variant = "release", answersArp = true } = options;
  const core = await coreFor(profile, variant);
  const { address, startMs } = startCore(core, options);
  return makeRig(core, address, startMs, answersArp);
}

function makeRig(core: Core, address: number, startMs: number, answersArp: boolean): Rig {
  const call = core.exports;
  const sent: Sent[] = [];
  const log: string[] = [];
  let nowMs = 0;
  let holding = 0;

  const note = (text: string) => {
    log.push(`${(nowMs / 1000).toFixed(3)} ${text}`);
    if (log.length > 40) log.shift();
  };
  const fail = (problem: string): never => assert.fail(`${problem}\n  ${log.join("\n  ")}`);

  function keep(interfaceIndex: number, length: number, immediate: boolean): void {
    const view = decode(core.tx(length).slice());
    if (view.kind === "arp" && answers(view)) {
      const peer = view.target[3] ?? 0;
      const reply = { operation: 2, sender: view.target, target: view.sender };
      const frame = arpFrame(peer, { ...reply, targetMac: view.senderMac }, { to: view.senderMac });
      receive(frame, interfaceIndex);
      return;
    }
    if (sent.length > STORM) fail("the stack does not stop sending");
    note(`${immediate ? "<=" : "<-"} ${describeView(view)}`);
    sent.push({ atMs: nowMs, interfaceIndex, immediate, view });
  }
  function answers(view: ArpView): boolean {
    const asks = view.operation === 1 && view.sender.some((byte) => byte !== 0);
    const announces = view.sender.join() === view.target.join();
    return answersArp && asks && !announces;
  }
  function receive(frame: Uint8Array, interfaceIndex = 0): void {
    core.rx.set(frame);
    const length = call.receive(interfaceIndex, frame.length);
    if (length > 0) keep(interfaceIndex, length, true);
  }
  function pump(): void {
    if (holding > 0) return;
    // As a host does: while output is pending, but not for ever.
    for (let rounds = 0; rounds < 4; rounds++) {
      for (let index = 0; index < core.interfaces; index++) transmit(index);
      if (call.nextDeadline() !== 0) return;
    }
  }
  function transmit(index: number): void {
    for (let frames = 0, length; (length = call.transmit(index)) > 0; frames++) {
      if (frames > STORM) fail("transmit does not come to an end");
      keep(index, length, false);
    }
  }
  function inject(frame: Uint8Array, interfaceIndex = 0): void {
    injectNoted(frame);
    receive(frame, interfaceIndex);
    pump();
  }
  function injectNoted(frame: Uint8Array): void {
    let text = `${frame.length} bytes`;
    try {
      text = describeView(decode(frame.subarray(0, trueLength(frame))));
    } catch {
      // Not all frames for the stack are well-formed.
    }
    note(`-> ${text}`);
  }

  const tell = () => {
    const absolute = startMs + nowMs;
    call.advance(absolute | 0, Math.imul((absolute % 2 ** 32) | 0, 1000));
  };
  function advance(ms: number): void {
    const end = nowMs + ms;
    let idle = 0;
    pump();
    for (;;) {
      while (call.expire() === 1);
      pump();
      const delay = call.nextDeadline() >>> 0;
      if (delay === 0 && ++idle > 100) fail("nextDeadline() stays 0, and nothing comes of it");
      if (delay === 0) continue;
      if (nowMs === end) return;
      idle = 0;
      nowMs += Math.min(delay, end - nowMs, LONGEST_STEP_MS);
      tell();
    }
  }

  const take = (what: string): Sent => {
    const next = sent.shift();
    return next ?? fail(`expected ${what}, but nothing came`);
  };
  function expectNothing(what = "nothing"): void {
    const first = sent[0];
    if (first) fail(`expected ${what}, but this came: ${describeView(first.view)}`);
  }
  function expectView<T extends View>(kind: T["kind"], expected: Partial<T>): T {
    const { view } = take(`${kind} ${JSON.stringify(expected)}`);
    if (view.kind !== kind) return fail(`expected ${kind}, but this came: ${describeView(view)}`);
    for (const [name, value] of Object.entries(expected)) {
      const came = (view as unknown as Record<string, unknown>)[name];
      if (JSON.stringify(came) !== JSON.stringify(value)) {
        fail(`expected ${kind} with ${name} ${JSON.stringify(value)}, came ${describeView(view)}`);
      }
    }
    return view as T;
  }

  const look = makeLook(core);

  /** Ends all that is left, lets 2 MSL pass, and looks at the pools and behind the map. */
  function finish(): void {
    expectNothing("nothing at the end of the test");
    holding = 0;
    call.setOption(0, Option.MSL_MS, 30000);
    for (const { handle } of look.records(Pool.LISTENER)) call.close(handle);
    for (const { handle } of look.records(Pool.TCB)) {
      if (handle !== 0) call.abort(handle);
    }
    advance(250_000); // orphans, SYN+ACKs, 2 MSL
    for (const pool of CONNECTION_POOLS) {
      assert.equal(look.used(pool), 0, `${poolNames[pool]} still in use at the end of the test`);
    }
    assertUntouched(core);
  }

  return {
    core,
    profile: core.profile,
    call,
    wrapPort: wrapPortOf(core),
    address,
    sent,
    now: () => nowMs,
    inject,
    injectBatch(frames) {
      for (const frame of frames) {
        injectNoted(frame);
        receive(frame);
      }
      pump();
    },
    hold(calls) {
      holding++;
      const result = calls();
      holding--;
      pump();
      return result;
    },
    pump,
    advance,
    sleep(ms) {
      nowMs += ms;
      tell();
      advance(0);
    },
    expectNothing,
    expectArp: (expected) => expectView<ArpView>("arp", expected),
    expectIcmp: (expected) => expectView<IcmpView>("icmp", expected),
    take,
    ...look,
    note,
    fail,
    putAddress: (bytes) => core.putAddress(Uint8Array.from(bytes)),
    finish,
  };
}

/** Without Ethernet's padding. */
function trueLength(frame: Uint8Array): number {
  const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
  return type === 0x0806 ? 42 : 14 + ((frame[16] ?? 0) << 8) + (frame[17] ?? 0);
}

type Body = (rig: Rig) => void | Promise<void>;

/** A test on a fresh rig, with the teardown that every test has. */
export function packetTest(name: string, body: Body): void;
export function packetTest(name: string, options: RigOptions, body: Body): void;
export function packetTest(name: string, given: RigOptions | Body, last?: Body): void {
  const options = typeof given === "function" ? {} : given;
  const body = typeof given === "function" ? given : last;
  const suffix = options.profile ? `: ${options.profile}` : "";
  test(name + suffix, { skip: options.skip ?? false }, async () => {
    const rig = await createRig(options);
    try {
      await body?.(rig);
      rig.finish();
    } catch (error) {
      forgetCore(rig.profile, options.variant ?? "release");
      throw error;
    }
  });
}

/** The same test on each profile that has what it needs. */
export function onAllProfiles(name: string, body: Body): void;
export function onAllProfiles(name: string, options: RigOptions, body: Body): void;
export function onAllProfiles(name: string, given: RigOptions | Body, last?: Body): void {
  const options = typeof given === "function" ? {} : given;
  const body = typeof given === "function" ? given : last;
  for (const profile of ["tiny", "esp32", "desktop"] as const) {
    if (!body || (options.needs && !hasFeature(profile, options.needs))) continue;
    packetTest(name, { ...options, profile }, body);
  }
}
