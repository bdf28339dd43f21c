// Somebody on the wire who lies: segments in the name of others, made from what only the target
// knows, so that each comes as near to harm as it can without being what an attacker on the path
// could send. Whatever TCP promises holds all the same. Those that may end a connection are marked.

import { Reading, State } from "../../host/core/generated/abi.js";
import {
  arpFrame,
  BROADCAST_MAC,
  icmpFrame,
  peerAddress,
  tcpFrame,
  timestampOption,
  type TcpFields,
} from "../packets/support/frame.js";
import type { Random } from "../static/support/random.js";
import type { Tcb } from "./records.js";
import { isOpening } from "./rules/numbers.js";
import { inFlight } from "./rules/timers.js";
import { ADDRESSES, MACS, type Station } from "./station.js";

export interface Liar {
  /** One lie to a station: frames for it. */
  lie(target: Station): Uint8Array[];
  /** More SYNs than any SYN cache holds. */
  flood(target: Station): Uint8Array[];
  /** A frame that was on the wire, to be repeated before it is too old. */
  heard(target: Station, frame: Uint8Array): void;
}

interface Scene {
  target: Station;
  /** Number of the station whose name is used. */
  peer: number;
  random: Random;
  /** A port that is listened on, or any. */
  port: number;
}

type Segment = Partial<TcpFields>;
type Lie = (scene: Scene) => Uint8Array[];
type LieAbout = (tcb: Tcb, scene: Scene) => Segment | undefined;

function frame(
  { target, peer }: Scene,
  segment: Segment,
  to: Partial<Record<"source", number[]>> = {},
) {
  const fields = { sourcePort: 1, destinationPort: 1, seq: 0, ack: 0, flags: "A", ...segment };
  const ip = { destination: [...ADDRESSES[target.name]], ...to };
  return tcpFrame(peer, fields, ip, { to: [...MACS[target.name]] });
}

const stamps = (tcb: Tcb, behind = 0) =>
  tcb.options & Reading.TIMESTAMPS
    ? [1, 1, ...timestampOption({ val: (tcb.tsRecent - behind) >>> 0, ecr: 0 })]
    : [];

const window = (tcb: Tcb) => Math.max(0, (tcb.rcvAdv - tcb.rcvNxt) | 0);

/** Lies about a synchronized connection that must change nothing. */
const ABOUT: readonly LieAbout[] = [
  // Text that was received long ago; beyond the window.
  (tcb, { random }) => ({ seq: tcb.rcvNxt - 1 - random.below(900), data: [1] }),
  (tcb, { random }) => ({ seq: tcb.rcvAdv + random.below(5000), data: [1, 2, 3] }),
  // RST and SYN in the window, and near it.
  (tcb, { random }) => {
    const far = 1 + random.below(window(tcb) + 50);
    return { seq: tcb.rcvNxt + far, flags: random.pick(["R", "RA"]) };
  },
  (tcb, { random }) => ({ seq: tcb.rcvNxt - 1 - random.below(3), flags: "R" }),
  (tcb, { random }) => ({ seq: tcb.rcvNxt + random.below(9), flags: random.pick(["S", "SA"]) }),
  // Acknowledges what was never sent, or is too old.
  (tcb, { random }) => ({ ack: tcb.sndNxt + 1 + random.below(100_000) }),
  (tcb, { random }) => ({ ack: tcb.sndUna - tcb.maxSndWnd - 1 - random.below(100_000) }),
  // No ACK at all.
  (_, { random }) => ({ flags: random.pick(["", "P", "F", "U"]) }),
  // Older than the timestamps allow, or without them.
  (tcb, { random }) =>
    tcb.options & Reading.TIMESTAMPS
      ? { options: stamps(tcb, 1 + random.below(1000)), data: [9, 9] }
      : undefined,
  (tcb) => (tcb.options & Reading.TIMESTAMPS ? { options: [], data: [9] } : undefined),
  // What no header may be, and checksums that are wrong.
  (_, { random }) => ({ offset: random.pick([0, 4, 15]) }),
  (_, { random }) => ({ flags: random.pick(["SF", "SR", "SFA"]) }),
  (_, { random }) => ({ checksum: random.below(65536), data: [1, 2, 3, 4] }),
  // Urgent, and nothing else.
  (tcb, { random }) => ({
    flags: "AU",
    urg: random.below(500),
    win: tcb.sndWnd >>> (tcb.options & 15),
  }),
];

function aboutConnection(scene: Scene): Uint8Array[] {
  const tcbs = scene.target.watch
    .records()
    .tcbs.filter(isOurs)
    .filter((tcb) => !isOpening(tcb));
  const tcb = tcbs[scene.random.below(tcbs.length)];
  if (!tcb) return [];
  const times = scene.random.percent(30) ? 2 + scene.random.below(3) : 1;
  const kind = ABOUT[scene.random.below(ABOUT.length)]!;
  return Array.from({ length: times }, () => kind(tcb, scene)).flatMap((segment) =>
    segment ? [segmentAbout(tcb, scene, segment)] : [],
  );
}

const isOurs = (tcb: Tcb) => tcb.state !== State.CLOSED && (tcb.remote[3] ?? 0) <= 2;

function segmentAbout(tcb: Tcb, scene: Scene, segment: Segment): Uint8Array {
  return frame(scene, {
    sourcePort: tcb.remotePort,
    destinationPort: tcb.localPort,
    options: stamps(tcb),
    ...segment,
    seq: (segment.seq ?? tcb.rcvNxt) >>> 0,
    ack: (segment.ack ?? tcb.sndUna) >>> 0,
  });
}

/** RFC 5961 lets an exact RST end a connection: whoever knows the number is on the path. */
function exactReset(scene: Scene): Uint8Array[] {
  const { random, target } = scene;
  const { tcbs, synEntries } = target.watch.records();
  const tcb = tcbs.find((one) => isOurs(one) && one.state !== State.SYN_SENT);
  if (tcb && random.percent(20)) {
    return [segmentAbout(tcb, scene, { flags: "R", seq: tcb.rcvNxt })];
  }
  const entry = synEntries.at(-1);
  if (!entry) return [];
  // Not a SYN: a second one would open a handshake in the other's name, and its text be misplaced.
  const seq = (entry.irs + 1) >>> 0;
  const ports = { sourcePort: entry.remotePort, destinationPort: entry.localPort };
  return [frame(scene, { ...ports, seq, flags: "R" }, { source: entry.remote })];
}

/** About a handshake under way: wrong numbers, no ACK, old timestamps. */
function aboutHandshake(scene: Scene): Uint8Array[] {
  const { random, target } = scene;
  const entry = target.watch.records().synEntries.at(-1);
  if (!entry) return [];
  const segment = random.pick<Segment>([
    { seq: entry.irs + 1, ack: entry.iss + 2 + random.below(100) },
    { seq: entry.irs - random.below(1000) },
    { seq: entry.irs + 1, flags: "P" },
    { seq: entry.irs + 2 + random.below(100), flags: "R" },
    {
      seq: entry.irs + 1,
      ack: entry.iss + 1,
      options: [1, 1, ...timestampOption({ val: (entry.tsRecent - 5) >>> 0, ecr: 0 })],
    },
  ]);
  if (segment.options && !(entry.options & Reading.TIMESTAMPS)) return [];
  const ports = { sourcePort: entry.remotePort, destinationPort: entry.localPort };
  const numbers = { seq: (segment.seq ?? 0) >>> 0, ack: (segment.ack ?? entry.iss + 1) >>> 0 };
  return [frame(scene, { ...ports, ...segment, ...numbers }, { source: entry.remote })];
}

/** An ICMP error about a segment: in flight or not, of a connection or none. hard: it may end a
 * connection that is not open yet. */
function icmpError(scene: Scene, hard: boolean): Uint8Array[] {
  const { target, peer, random } = scene;
  const tcbs = target.watch.records().tcbs.filter(isOurs);
  const tcb = tcbs[random.below(tcbs.length)];
  if (!tcb || (!hard && isOpening(tcb))) return [];
  const offset = random.percent(70) ? random.below(Math.max(1, inFlight(tcb))) : random.word();
  const quoted = tcpFrame(
    peer,
    {
      sourcePort: random.percent(90) ? tcb.localPort : 9,
      destinationPort: tcb.remotePort,
      seq: (tcb.sndUna + offset) >>> 0,
      ack: 0,
      flags: "A",
    },
    { source: [...ADDRESSES[target.name]], destination: tcb.remote },
  ).slice(14, 14 + random.pick([28, 28, 28, 40, 20]));
  const rest = random.pick([576, 600, 1000, 1400, 0, 68, 65535]);
  const error = { type: random.pick([3, 3, 3, 11, 12]), code: random.below(6), rest, data: quoted };
  const ip = { destination: [...ADDRESSES[target.name]] };
  return [icmpFrame(peer, error, ip, { to: [...MACS[target.name]] })];
}

const OPTIONS: readonly number[][] = [
  [2, 4, 5, 180],
  [2, 4, 0, 1],
  [2, 3, 1],
  [3, 3, 200],
  [8, 10, 0, 0, 0, 9, 0, 0, 0, 0],
  [8, 2],
  [99, 0],
  [77, 60, 1],
  [1, 1, 1, 0, 255, 255, 255, 255],
  [5, 10, 1, 2, 3, 4, 5, 6, 7, 8],
];

/** Few SYNs, some tens, or more than any SYN cache holds. */
function flood(scene: Scene): Uint8Array[] {
  const { random } = scene;
  const most = random.percent(2) ? OVERFLOW : random.percent(10) ? 60 : 4;
  return syns(scene, most > 1000 ? most : 1 + random.below(most));
}

/** From stations that are not there, with options of all kinds. */
function syns(scene: Scene, length: number): Uint8Array[] {
  const { random, port } = scene;
  const from = 10 + random.below(200);
  return Array.from({ length }, () => {
    const source = random.percent(20)
      ? [10, 1, random.below(9), 7]
      : peerAddress(from + random.below(4));
    const options = [...(OPTIONS[random.below(OPTIONS.length)] ?? [])];
    const segment = { destinationPort: port, sourcePort: 1 + random.below(65535), options };
    return frame(scene, { ...segment, seq: random.word(), flags: "S" }, { source });
  });
}

/** For nobody: no connection, no listener, all stations. */
function stray(scene: Scene): Uint8Array[] {
  const { random, target } = scene;
  const segment: Segment = {
    sourcePort: random.pick([0, 5, 50_000]),
    destinationPort: random.pick([scene.port, 4, 0]),
    flags: random.pick(["A", "R", "RA", "FA", "S", "", "P"]),
    seq: random.word(),
    ack: random.word(),
  };
  const source = peerAddress(20 + random.below(9));
  if (random.percent(70)) return [frame(scene, segment, { source })];
  const all = { destination: [192, 0, 2, 255], source };
  const ports = { sourcePort: 5, destinationPort: scene.port, seq: 1, ack: 1, flags: "S" };
  return [tcpFrame(target.name === "A" ? 2 : 1, ports, all, { to: BROADCAST_MAC })];
}

/** Answers nobody asked for, and questions of stations that come and go. */
function arpNoise({ random, target }: Scene): Uint8Array[] {
  const peer = 30 + random.below(40);
  const to = [...MACS[target.name]];
  const operation = random.pick([1, 1, 2]);
  return [arpFrame(peer, { operation, target: [...ADDRESSES[target.name]] }, { to })];
}

/** Lies after which everything must still end in good order. */
const HARMLESS: readonly Lie[] = [aboutConnection, aboutConnection, (s) => icmpError(s, false)];
const HARMFUL: readonly Lie[] = [
  ...HARMLESS,
  aboutConnection,
  flood,
  flood,
  stray,
  arpNoise,
  aboutHandshake,
  (scene) => icmpError(scene, true),
  exactReset,
];

/** Handshakes that are more than any SYN cache holds. */
const OVERFLOW = 1200;

/** Frames repeated are at most so old: below the smallest MSL of a run. */
const OLDEST_FRAMES = 40;

export function createLiar(random: Random, gentle: boolean, ports: readonly number[]): Liar {
  const lies = gentle ? HARMLESS : HARMFUL;
  const memory = new Map<Station, Uint8Array[]>();
  return {
    heard(target, bytes) {
      const kept = memory.get(target) ?? [];
      memory.set(target, kept);
      kept.push(bytes);
      if (kept.length > OLDEST_FRAMES) kept.shift();
    },
    flood(target) {
      const port = random.pick(ports as [number, ...number[]]);
      return syns({ target, random, port, peer: target.name === "A" ? 2 : 1 }, OVERFLOW);
    },
    lie(target) {
      const kept = memory.get(target) ?? [];
      if (random.percent(10)) return kept.slice(random.below(kept.length + 1)).slice(0, 3);
      const port = random.percent(80)
        ? (ports[random.below(ports.length)] ?? 80)
        : random.below(65536);
      const scene = { target, random, port, peer: target.name === "A" ? 2 : 1 };
      return (lies[random.below(lies.length)] ?? flood)(scene);
    },
  };
}
