// The records of a core that are in use, field by field, as the generated tables place them. One
// whose bytes have not changed since the last look is not read again.

import type { Core } from "../../host/core/core.js";
import {
  Constant,
  EndpointField,
  ListenerField,
  ListenerSize,
  Pool,
  poolNames,
  Reading,
  SynEntryField,
  SynEntrySize,
  TcbField,
  TcbSize,
  TimeWaitField,
  TimeWaitSize,
} from "../../host/core/generated/abi.js";
import { readField, readGlobal, readLevels, recordAt } from "../../host/core/records.js";

type Fields<Table> = Record<keyof Table, number>;

/** Where a record of a connection lies in its pool, and whose it is. */
interface Place {
  node: number;
  /** Address and ports, as text. */
  tuple: string;
  remote: number[];
}

export type Tcb = Fields<typeof TcbField> & Place;
export type SynEntry = Fields<typeof SynEntryField> & Place;
export type TimeWait = Fields<typeof TimeWaitField> & Place;
export type Listener = Fields<typeof ListenerField> & { node: number };

export interface Records {
  nowMs: number;
  tcbs: Tcb[];
  synEntries: SynEntry[];
  timeWaits: TimeWait[];
  listeners: Listener[];
  /** Records in use, by Pool. */
  used: number[];
}

const entriesOf = <Table extends object>(table: Table) =>
  Object.entries(table) as [keyof Table, { offset: number; bytes: number }][];
const TCB_ENTRIES = entriesOf(TcbField);
const SYN_ENTRIES = entriesOf(SynEntryField);
const TIME_WAIT_ENTRIES = entriesOf(TimeWaitField);
const LISTENER_ENTRIES = entriesOf(ListenerField);

function readAll<Name extends PropertyKey>(
  core: Core,
  at: number,
  entries: [Name, { offset: number; bytes: number }][],
): Record<Name, number> {
  const record = {} as Record<Name, number>;
  for (const [name, field] of entries) record[name] = readField(core, at, field);
  return record;
}

function placeOf(core: Core, at: number, node: number): Place {
  const remote = [...core.memory.subarray(at - 4, at)];
  const ports = core.words.getUint32(at, true);
  const local = readField(core, at, EndpointField.address);
  return { node, remote, tuple: `${local} ${remote.join(".")} ${ports >>> 16}>${ports & 0xffff}` };
}

/** A record as it was read last, the bytes that it had then, and where they lie. */
interface Kept<T> {
  record: T;
  bytes: Uint8Array;
  place: Uint8Array;
}

/** Reads what a pool has in use; what has not changed is not read again. */
function createPoolReader<T>(
  core: Core,
  pool: number,
  size: number,
  read: (at: number, node: number) => T,
): () => T[] {
  const kept: (Kept<T> | undefined)[] = [];
  const { capacity } = readLevels(core, pool);
  // In front of a record with a remote address lies that.
  const front = pool === Pool.LISTENER ? 0 : core.constant(Constant.ADDRESS_BYTES);
  const places = Array.from({ length: capacity }, (_, node) => recordAt(core, pool, node));

  function recordOf(node: number): T {
    const before = kept[node];
    if (before && Buffer.compare(before.bytes, before.place) === 0) return before.record;
    const at = places[node]!;
    const place = before?.place ?? core.memory.subarray(at - front, at + size);
    const now = { record: read(at, node), bytes: place.slice(), place };
    kept[node] = now;
    return now.record;
  }

  const level = core.constant(Constant.POOL_AREA) + 8 * pool;
  return () => {
    const used = core.words.getUint32(level, true);
    const found: T[] = [];
    for (let node = 0; node < capacity && found.length < used; node++) {
      if (core.words.getUint16(places[node]!, true) !== 0) found.push(recordOf(node));
    }
    return found;
  };
}

export function createReader(core: Core): () => Records {
  const named = <Name extends PropertyKey>(
    at: number,
    node: number,
    entries: [Name, { offset: number; bytes: number }][],
  ) => ({ ...readAll(core, at, entries), ...placeOf(core, at, node) });
  const tcbs = createPoolReader(core, Pool.TCB, TcbSize, (at, node) =>
    named(at, node, TCB_ENTRIES),
  );
  const synEntries = createPoolReader(core, Pool.SYN_CACHE, SynEntrySize, (at, node) =>
    named(at, node, SYN_ENTRIES),
  );
  const timeWaits = createPoolReader(core, Pool.TIME_WAIT, TimeWaitSize, (at, node) =>
    named(at, node, TIME_WAIT_ENTRIES),
  );
  const listeners = createPoolReader(core, Pool.LISTENER, ListenerSize, (at, node) => ({
    ...readAll(core, at, LISTENER_ENTRIES),
    node,
  }));
  const levels = core.constant(Constant.POOL_AREA);
  return () => ({
    nowMs: readGlobal(core, "nowMs"),
    tcbs: tcbs(),
    synEntries: synEntries(),
    timeWaits: timeWaits(),
    listeners: listeners(),
    used: poolNames.map((_, pool) => core.words.getUint32(levels + 8 * pool, true)),
  });
}

/** The user holds a handle of the slot. */
export function isOpen({ words, constant }: Core, slot: number): boolean {
  return (words.getUint16(constant(Constant.EVENT_AREA) + 2 * slot, true) & Reading.OPEN) !== 0;
}
