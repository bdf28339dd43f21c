// One core on a wire under virtual time. Frames go in, packets come out and are kept in order with
// the moment at which the core sent them; ARP is answered here. Time moves from one deadline to the
// next, so what is due happens at its millisecond.

import { parseAddress } from "../core/address.js";
import type { Core } from "../core/core.js";
import { ErrnoName } from "../core/generated/abi.js";
import { optionName, type RunConfig } from "./config.js";
import { failure, mistake } from "./errors.js";
import {
  arpReply,
  arpRequest,
  decodeFrame,
  frameOf,
  type ArpRequest,
  type LivePacket,
} from "./live.js";

const OUR_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const PEER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);
/** The core's clock at the script's 0, ms: it wraps while a script runs, so that wraps are tested. */
const START_MS = 2 ** 32 - 1500;
/** The core takes steps of at most 2^30 ms. */
const LONGEST_STEP_US = 2 ** 30 * 1000;
const NEVER = 0xffffffff;
/** Frames at one moment; more is a storm. */
const STORM = 20_000;
/** Turns at one moment in which nothing leaves although output is said to be pending. */
const IDLE_TURNS = 100;

export interface Sent {
  readonly atUs: number;
  readonly packet: LivePacket;
}

export interface Wire {
  readonly core: Core;
  /** What the stack has sent and nobody has expected yet. */
  readonly sent: Sent[];
  /** Moment of the script, microseconds. */
  nowUs(): number;
  inject(packet: LivePacket): void;
  /** All that is due now: timers, output, answers, whoever waits. */
  settle(): void;
  /** Lets time pass until that moment, or until `stop` says so. */
  advanceTo(us: number, stop?: () => boolean): void;
  setLink(up: boolean): void;
  /** Called after the core has worked: true, if that made more work. */
  onSettled: () => boolean;
  /** A moment at which onSettled must be called, or Infinity. */
  wakeUs: () => number;
  onSent: (sent: Sent) => void;
}

/** Throws what a call of the core refuses. */
export function checkCore(result: number, what: string): number {
  if (result >= 0) return result;
  throw mistake(`the core refused ${what}: ${ErrnoName[-result] ?? result}`);
}

export function createWire(core: Core, config: RunConfig): Wire {
  const call = core.exports;
  let nowUs = 0;
  let frames = 0;

  function tell(): void {
    const us = START_MS * 1000 + nowUs;
    call.advance(Math.floor(us / 1000) | 0, Math.floor(us) | 0);
  }

  function keep(length: number): void {
    if (++frames > STORM) throw failure("the stack does not stop sending");
    const packet = decodeFrame(core.tx(length));
    if (packet.kind === "arp") return answerArp(packet);
    const sent = { atUs: nowUs, packet };
    wire.sent.push(sent);
    wire.onSent(sent);
  }

  /** Whoever is asked for is behind the peer's MAC, but not we ourselves. */
  function answerArp(request: ArpRequest): void {
    const asksForUs = request.target.join(".") === config.localIp;
    if (request.isRequest && !asksForUs) receive(arpReply(request, PEER_MAC));
  }

  function receive(frame: Uint8Array): void {
    core.rx.set(frame);
    const length = call.receive(0, frame.length);
    if (length > 0) keep(length);
  }

  function transmit(): void {
    for (let length; (length = call.transmit(0)) > 0;) keep(length);
  }

  function settle(): void {
    frames = 0;
    for (let idle = 0; ; idle++) {
      if (idle > IDLE_TURNS) throw failure("nextDeadline() stays 0, and nothing comes of it");
      const before = frames;
      while (call.expire() === 1);
      transmit();
      if (wire.onSettled() || frames > before) idle = 0;
      else if (call.nextDeadline() !== 0) return;
    }
  }

  /** The core counts whole milliseconds. */
  function deadlineUs(): number {
    const delay = call.nextDeadline() >>> 0;
    return delay === NEVER ? Infinity : (Math.floor(nowUs / 1000) + delay) * 1000;
  }

  const wire: Wire = {
    core,
    sent: [],
    nowUs: () => nowUs,
    inject(packet) {
      const frame = frameOf(packet, OUR_MAC, PEER_MAC);
      if (frame.length > core.frameBytes) {
        throw mistake(`the core takes frames of at most ${core.frameBytes} bytes`);
      }
      receive(frame);
      settle();
    },
    settle,
    advanceTo(us, stop) {
      for (;;) {
        settle();
        if (nowUs >= us || stop?.()) return;
        nowUs = Math.min(us, deadlineUs(), wire.wakeUs(), nowUs + LONGEST_STEP_US);
        tell();
      }
    },
    setLink(up) {
      checkCore(call.interfaceLink(0, up ? 1 : 0), "the link");
    },
    onSettled: () => false,
    wakeUs: () => Infinity,
    onSent: () => undefined,
  };
  bringUp(core, config, tell);
  while (call.transmit(0) > 0); // the announcement of our address
  greet(core, config);
  return wire;
}

/** A core as after instantiation, seeded, with one interface. */
function bringUp(core: Core, config: RunConfig, tell: () => void): void {
  const call = core.exports;
  call.initialise();
  // Always the same: a script that fails, fails again.
  core.seed(Uint8Array.from({ length: 32 }, (_, i) => 37 * i + 11));
  tell();
  core.putAddress(OUR_MAC);
  checkCore(call.interfaceConfigure(0, config.mtu), `an MTU of ${config.mtu}`);
  core.putAddress(parseAddress(config.localIp));
  checkCore(call.addressAdd(0, 4, config.prefixLength, 0), `the address ${config.localIp}`);
  core.putAddress(parseAddress(config.gatewayIp));
  checkCore(call.interfaceRouter(0, 4), `the router ${config.gatewayIp}`);
  for (const [id, value] of config.stackOptions) {
    checkCore(call.setOption(0, id, value), `${optionName(id)}=${value}`);
  }
  checkCore(call.interfaceLink(0, 1), "the link");
}

/** The stations next to us have asked for our MAC, so theirs are known from the beginning: other
 * implementations run scripts where there is no ARP, and no segment waits for it. */
function greet(core: Core, { localIp, gatewayIp, remoteIp }: RunConfig): void {
  for (const station of [gatewayIp, remoteIp]) {
    const frame = arpRequest(parseAddress(station), parseAddress(localIp), PEER_MAC);
    core.rx.set(frame);
    core.exports.receive(0, frame.length);
  }
  while (core.exports.transmit(0) > 0);
}
