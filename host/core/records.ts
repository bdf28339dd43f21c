// The core's records, read from its memory: every connection, listener and cache entry in numbers,
// as the core has them. What the core does not keep, because it follows from what it keeps (queues,
// windows, timers left, ages), is computed here. Places and widths of fields are generated.

import { formatAddress } from "./address.js";
import type { Core } from "./core.js";
import {
  AddressField,
  AddressSize,
  Constant,
  EndpointField,
  Errno,
  Flag,
  GlobalsField,
  ListenerField,
  ListenerSize,
  Option,
  Pool,
  Reading,
  State,
  SynEntryField,
  SynEntrySize,
  TcbField,
  TcbSize,
  TimeWaitField,
  TimeWaitSize,
} from "./generated/abi.js";
import type { Endpoints, Levels, RecordInfo, Variables } from "./recordInfo.js";

/** Variables that are shown as they lie in a TCB. */
const VARIABLES = [
  "iss",
  "irs",
  "sndUna",
  "sndNxt",
  "sndRtx",
  "rtxEnd",
  "sndEnd",
  "sndWnd",
  "sndWl1",
  "sndWl2",
  "maxSndWnd",
  "sndUp",
  "rcvNxt",
  "rcvRead",
  "rcvAdv",
  "rcvAcked",
  "rcvUp",
  "cwnd",
  "ssthresh",
  "recover",
  "bytesAcked",
  "srttUs",
  "rttvarUs",
  "sndMss",
  "dupAcks",
  "retries",
  "error",
] as const satisfies readonly (keyof typeof TcbField & keyof Variables)[];

interface Field {
  readonly offset: number;
  readonly bytes: number;
}

export function readField({ memory, words }: Core, record: number, field: Field): number {
  const at = record + field.offset;
  if (field.bytes === 1) return memory[at]!;
  return field.bytes === 2 ? words.getUint16(at, true) : words.getUint32(at, true);
}

export function readGlobal(core: Core, name: keyof typeof GlobalsField): number {
  return readField(core, core.constant(Constant.GLOBALS), GlobalsField[name]);
}

// Where records lie. A pointer to one with a remote address stands behind that address.

const listenerAt = (core: Core, i: number) =>
  core.constant(Constant.LISTENER_AREA) + i * ListenerSize;

function endpointAt(core: Core, area: Constant, size: number, i: number): number {
  const addressBytes = core.constant(Constant.ADDRESS_BYTES);
  return core.constant(area) + addressBytes + i * (addressBytes + size);
}

const tcbAt = (core: Core, i: number) => endpointAt(core, Constant.TCB_AREA, TcbSize, i);

/** Where local address i lies. */
export function addressAt(core: Core, i: number): number {
  const stride = AddressSize + core.constant(Constant.ADDRESS_BYTES);
  return core.constant(Constant.ADDRESS_AREA) + i * stride;
}

/** Where record i of a pool lies: of the TCBs, SYN cache, TIME-WAIT entries or listeners. */
export function recordAt(core: Core, pool: number, i: number): number {
  switch (pool) {
    case Pool.SYN_CACHE:
      return endpointAt(core, Constant.SYN_AREA, SynEntrySize, i);
    case Pool.TIME_WAIT:
      return endpointAt(core, Constant.TIME_WAIT_AREA, TimeWaitSize, i);
    case Pool.LISTENER:
      return listenerAt(core, i);
    default:
      return tcbAt(core, i);
  }
}

/** IPv4 addresses have 12 bytes in front of them where records have room for 16. */
export function addressText(core: Core, at: number): string {
  const end = at + core.constant(Constant.ADDRESS_BYTES);
  return formatAddress(core.memory.subarray(end - 4, end));
}

/** The text of local address i. */
export const localText = (core: Core, i: number) =>
  addressText(core, addressAt(core, i) + AddressSize);

/** The interface of a local address; -1: loopback. */
export function interfaceOf(core: Core, i: number): number {
  const index = readField(core, addressAt(core, i), AddressField.interface);
  return index === core.interfaces ? -1 : index;
}

// Handles: slots of TCBs, then of listeners, and their generation; 0 for one that does not live.

export function handleOf({ words, constant }: Core, slot: number): number {
  const bits = words.getUint16(constant(Constant.EVENT_AREA) + 2 * slot, true);
  const generation = words.getUint16(constant(Constant.GENERATION_AREA) + 2 * slot, true);
  return bits & Reading.OPEN ? slot + generation * 65536 : 0;
}

/** The number of the socket of a handle. */
export function slotOfSocket({ constant }: Core, handle: number): number {
  const before = constant(Constant.TCBS) + constant(Constant.LISTENERS);
  return (handle & 0xffff) - before - constant(Constant.ADDRESSES);
}

/** The number of the task of a handle: those of interfaces come first. */
export function slotOfTask({ constant }: Core, handle: number): number {
  const before = constant(Constant.TCBS) + constant(Constant.LISTENERS);
  const sockets = constant(Constant.ADDRESSES) + constant(Constant.SOCKETS);
  return (handle & 0xffff) - before - sockets;
}

/** The slot of a living handle of a connection or listener, or -1. */
function slotOf(core: Core, handle: number): number {
  const slot = handle & 0xffff;
  const slots = core.constant(Constant.TCBS) + core.constant(Constant.LISTENERS);
  return handle !== 0 && slot < slots && handleOf(core, slot) === handle ? slot : -1;
}

/** Fills in who talks to whom, and nothing else: this is done for each connection accepted. */
export function readEndpoints(core: Core, handle: number, into: Endpoints): void {
  const slot = slotOf(core, handle);
  if (slot >= 0 && slot < core.constant(Constant.TCBS))
    copyEndpoints(core, tcbAt(core, slot), into);
}

function copyEndpoints(core: Core, record: number, into: Endpoints): void {
  into.localAddress = localText(core, readField(core, record, EndpointField.address));
  into.localPort = readField(core, record, EndpointField.localPort);
  into.remoteAddress = addressText(core, record - core.constant(Constant.ADDRESS_BYTES));
  into.remotePort = readField(core, record, EndpointField.remotePort);
}

/** All about a connection or listener; null when the handle is stale. */
export function readRecord(core: Core, handle: number): RecordInfo | null {
  const slot = slotOf(core, handle);
  if (slot < 0) return null;
  const tcbs = core.constant(Constant.TCBS);
  return slot < tcbs ? readTcb(core, slot) : readListener(core, slot - tcbs);
}

/** State of a connection or listener; -EBADF: a stale handle. */
export function readState(core: Core, handle: number): number {
  const slot = slotOf(core, handle);
  if (slot < 0) return -Errno.EBADF;
  if (slot >= core.constant(Constant.TCBS)) return State.LISTEN;
  return readField(core, tcbAt(core, slot), TcbField.state);
}

/** Errno of what ended a connection, or of a soft error since the last progress; 0: none; -EBADF. */
export function readError(core: Core, handle: number): number {
  const slot = slotOf(core, handle);
  if (slot < 0) return -Errno.EBADF;
  if (slot >= core.constant(Constant.TCBS)) return 0;
  return readField(core, tcbAt(core, slot), TcbField.error);
}

/** AddressState of an address's handle; -EBADF. */
export function readAddressState(core: Core, handle: number): number {
  const first = core.constant(Constant.TCBS) + core.constant(Constant.LISTENERS);
  const i = (handle & 0xffff) - first;
  const lives = i >= 0 && i < core.constant(Constant.ADDRESSES);
  if (!lives || handleOf(core, first + i) !== handle) return -Errno.EBADF;
  return readField(core, addressAt(core, i), AddressField.state);
}

/** The value of an option: of the stack or a default (handle 0), a connection, a listener. */
export function readOption(core: Core, handle: number, option: number): number {
  const globals = core.constant(Constant.GLOBALS) + GlobalsField.noDelay.offset;
  if (handle === 0) return optionIn(core, globals, option, Option.NO_DELAY, STACK_LAST);
  const slot = slotOf(core, handle);
  if (slot < 0) return -Errno.EBADF;
  const tcbs = core.constant(Constant.TCBS);
  if (slot < tcbs) {
    if (option === Option.MSS) return readField(core, tcbAt(core, slot), TcbField.sndMss);
    const at = tcbAt(core, slot) + TcbField.noDelay.offset;
    return optionIn(core, at, option, Option.NO_DELAY, Option.KEEP_PROBES);
  }
  const at = listenerAt(core, slot - tcbs) + ListenerField.resetWhenFull.offset;
  return optionIn(core, at, option, Option.RESET_WHEN_FULL, Option.SOURCE_LIMIT);
}

const STACK_LAST = Option.USER_TIMEOUT;

/** Options lie in a row, `first` to `last`; the MSL in hundredths of a second. */
function optionIn(core: Core, at: number, option: number, first: number, last: number): number {
  if (option < first || option > last) return -Errno.ENOPROTOOPT;
  const value = readField(core, at, { offset: 2 * (option - first), bytes: 2 });
  return option === Option.MSL_MS ? value * 10 : value;
}

const KINDS = [
  { pool: Pool.LISTENER, read: readListener },
  { pool: Pool.TCB, read: readTcb },
  { pool: Pool.SYN_CACHE, read: readSynEntry },
  { pool: Pool.TIME_WAIT, read: readTimeWait },
] as const;

export function readLevels({ words, constant }: Core, pool: number): Levels {
  const at = constant(Constant.POOL_AREA) + 8 * pool;
  return {
    capacity: constant(Constant.TCBS + pool),
    used: words.getUint32(at, true),
    highWater: words.getUint32(at + 4, true),
  };
}

/** All records in use: listeners, TCBs, SYN cache, TIME-WAIT. Of thousands few may be. */
export function readRecords(core: Core): RecordInfo[] {
  const found: RecordInfo[] = [];
  for (const { pool, read } of KINDS) {
    const { capacity, used } = readLevels(core, pool);
    const all = found.length + used;
    for (let i = 0; i < capacity && found.length < all; i++) {
      const record = read(core, i);
      if (record) found.push(record);
    }
  }
  return found;
}

const NOTHING: RecordInfo = {
  ...(Object.fromEntries(VARIABLES.map((name) => [name, 0])) as Record<
    (typeof VARIABLES)[number],
    number
  >),
  handle: 0,
  state: 0,
  pool: 0,
  interface: -1,
  localAddress: "0.0.0.0",
  localPort: 0,
  remoteAddress: "0.0.0.0",
  remotePort: 0,
  receiveQueue: 0,
  sendQueue: 0,
  rcvWnd: 0,
  sndScale: 0,
  rcvScale: 0,
  timestamps: 0,
  sack: 0,
  retransmits: 0,
  recovery: 0,
  loss: 0,
  rtoMs: 0,
  timerMs: -1,
  ackTimerMs: -1,
  ageMs: 0,
};

const emptyRecord = (pool: number, state: number): RecordInfo => ({ ...NOTHING, pool, state });

function readListener(core: Core, i: number): RecordInfo | null {
  const at = listenerAt(core, i);
  const localPort = readField(core, at, ListenerField.port);
  if (localPort === 0) return null;
  const info = emptyRecord(Pool.LISTENER, State.LISTEN);
  info.handle = handleOf(core, core.constant(Constant.TCBS) + i);
  info.localPort = localPort;
  info.sendQueue = readField(core, at, ListenerField.queued);
  const address = readField(core, at, ListenerField.address);
  if (address !== Reading.ANY_ADDRESS) {
    info.interface = interfaceOf(core, address);
    info.localAddress = localText(core, address);
  }
  return info;
}

/** A record with a remote address, as far as all of them go; null when it is free. */
function readEndpoint(core: Core, at: number, pool: number, state: number): RecordInfo | null {
  if (readField(core, at, EndpointField.localPort) === 0) return null;
  const info = emptyRecord(pool, state);
  info.interface = interfaceOf(core, readField(core, at, EndpointField.address));
  copyEndpoints(core, at, info);
  return info;
}

function readSynEntry(core: Core, i: number): RecordInfo | null {
  const at = recordAt(core, Pool.SYN_CACHE, i);
  const info = readEndpoint(core, at, Pool.SYN_CACHE, State.SYN_RECEIVED);
  if (!info) return null;
  info.iss = readField(core, at, SynEntryField.iss);
  info.irs = readField(core, at, SynEntryField.irs);
  info.retries = readField(core, at, SynEntryField.retries) & Reading.RETRIES;
  info.timerMs = msUntil(core, readField(core, at, SynEntryField.dueMs));
  return info;
}

function readTimeWait(core: Core, i: number): RecordInfo | null {
  const at = recordAt(core, Pool.TIME_WAIT, i);
  const info = readEndpoint(core, at, Pool.TIME_WAIT, State.TIME_WAIT);
  if (!info) return null;
  info.sndNxt = readField(core, at, TimeWaitField.sndNxt);
  info.rcvNxt = readField(core, at, TimeWaitField.rcvNxt);
  // Its two bytes of other records hold the time at which it began, in ticks.
  const sinceTicks = core.words.getUint16(at + TimeWaitField.listener.offset, true);
  info.timerMs = timeWaitLeft(core, sinceTicks);
  const lifeMs = 20 * readGlobal(core, "mslCs");
  info.ageMs = lifeMs - Math.min(info.timerMs, lifeMs);
  return info;
}

/** 2 x MSL, rounded up by a tick or two. */
function timeWaitLeft(core: Core, sinceTicks: number): number {
  const nowMs = readGlobal(core, "nowMs");
  const tickMs = 1 << Reading.TICK_BITS;
  const lifeTicks = Math.floor((20 * readGlobal(core, "mslCs")) / tickMs) + 2;
  const left = sinceTicks + lifeTicks - (nowMs >>> Reading.TICK_BITS);
  const ticks = (left << 16) >> 16; // the core counts ticks with 16 bits
  return ticks > 0 ? ticks * tickMs - (nowMs % tickMs) : 0;
}

function msUntil(core: Core, deadlineMs: number): number {
  return Math.max(0, (deadlineMs - readGlobal(core, "nowMs")) | 0);
}

/** States that only a FIN of the peer leads to. CLOSED: the connection was synchronized. */
const FIN_RECEIVED: ReadonlySet<number> = new Set([
  State.CLOSED,
  State.CLOSE_WAIT,
  State.CLOSING,
  State.LAST_ACK,
  State.TIME_WAIT,
]);

function readTcb(core: Core, i: number): RecordInfo | null {
  const at = tcbAt(core, i);
  const get = (name: keyof typeof TcbField) => readField(core, at, TcbField[name]);
  const state = get("state");
  const info = readEndpoint(core, at, Pool.TCB, state);
  if (!info) return null;
  const flags = get("flags");
  const options = get("options");
  for (const name of VARIABLES) info[name] = get(name);
  info.handle = handleOf(core, i);
  if (flags & Flag.LOCAL) info.interface = -1;
  if (get("receiveRing") !== Reading.NO_RING) {
    const fin = FIN_RECEIVED.has(state) ? 1 : 0;
    info.receiveQueue = (info.rcvNxt - fin - info.rcvRead) >>> 0;
  }
  if (get("sendRing") !== Reading.NO_RING) {
    const queued = Math.max(0, (info.sndEnd - info.sndUna) | 0);
    info.sendQueue = Math.min(queued, core.constant(Constant.SEND_RING_BYTES));
  }
  info.rcvWnd = Math.max(0, (info.rcvAdv - info.rcvNxt) | 0);
  info.sndScale = options & 15;
  info.rcvScale = options & Reading.SCALED ? receiveScale(core) : 0;
  info.timestamps = options & Reading.TIMESTAMPS ? 1 : 0;
  info.sack = options & Reading.SACKS ? 1 : 0;
  info.retransmits = readRetransmits(core, i);
  info.recovery = flags & Flag.RECOVERY ? 1 : 0;
  info.loss = flags & Flag.LOSS ? 1 : 0;
  info.rtoMs = rtoMs(core, info, flags, get("backoff"));
  if (flags & Flag.TIMER) info.timerMs = msUntil(core, get("timerMs"));
  if (flags & Flag.ACK_DELAYED) info.ackTimerMs = msUntil(core, get("ackMs"));
  info.ageMs = (readGlobal(core, "nowMs") - get("changedMs")) >>> 0;
  return info;
}

function readRetransmits({ words, constant }: Core, i: number): number {
  const at = constant(Constant.RETRANSMIT_AREA);
  return at === 0 ? -1 : words.getUint32(at + 4 * i, true);
}

/** Bits by which our window is shifted: 0 while a ring's window fits 16 bits. */
function receiveScale(core: Core): number {
  const ringBytes = core.constant(Constant.RECEIVE_RING_BYTES);
  if (ringBytes <= 65536) return 0;
  return ringBytes <= 2 ** 20 ? 5 : 13;
}

/** RFC 6298, sections 2 and 5, as assembly/tcp/rtt.ts has it. */
function rtoMs(core: Core, info: RecordInfo, flags: number, backoff: number): number {
  const lost = flags & Flag.SYN_LOST && info.state >= State.ESTABLISHED;
  let ms: number = lost ? Reading.SYN_LOST_RTO_MS : Reading.INITIAL_RTO_MS;
  if (info.srttUs !== 0) {
    ms = Math.ceil((info.srttUs + Math.max(1000, info.rttvarUs * 4)) / 1000);
    ms = Math.max(ms, readGlobal(core, "minimumRtoMs"));
  }
  return Math.min(Reading.MAXIMUM_RTO_MS, ms * 2 ** Math.min(backoff, 16));
}
