// The records of a core that are in use, field by field, as the generated tables place them. A TCB
// whose bytes have not changed since the last look is not read again.

import type { Core } from "../../host/core/core.js";
import {
  Constant,
  EndpointField,
  ListenerField,
  Pool,
  Reading,
  SynEntryField,
  TcbField,
  TcbSize,
  TimeWaitField,
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

export type Tcb = Fields<typeof TcbField> & Place & { open: boolean };
export type SynEntry = Fields<typeof SynEntryField> & Place;
export type TimeWait = Fields<typeof TimeWaitField> & Place & { sinceTicks: number };
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

/** Reads what a pool has in use. */
function gather<T>(core: Core, pool: number, read: (at: number, node: number) => T): T[] {
  const { capacity, used } = readLevels(core, pool);
  const found: T[] = [];
  for (let node = 0; node < capacity && found.length < used; node++) {
    const at = recordAt(core, pool, node);
    if (core.words.getUint16(at, true) !== 0) found.push(read(at, node));
  }
  return found;
}

export function createReader(core: Core): () => Records {
  const known = new Map<number, { bytes: Uint8Array; tcb: Tcb }>();

  function readTcb(at: number, node: number): Tcb {
    const from = at - core.constant(Constant.ADDRESS_BYTES);
    const bytes = core.memory.subarray(from, at + TcbSize);
    const open = isOpen(core, node);
    const before = known.get(node);
    if (before && before.tcb.open === open && Buffer.compare(before.bytes, bytes) === 0) {
      return before.tcb;
    }
    const tcb = { ...readAll(core, at, TCB_ENTRIES), ...placeOf(core, at, node), open };
    known.set(node, { bytes: bytes.slice(), tcb });
    return tcb;
  }

  return () => ({
    nowMs: readGlobal(core, "nowMs"),
    tcbs: gather(core, Pool.TCB, readTcb),
    synEntries: gather(core, Pool.SYN_CACHE, (at, node) => ({
      ...readAll(core, at, SYN_ENTRIES),
      ...placeOf(core, at, node),
    })),
    timeWaits: gather(core, Pool.TIME_WAIT, (at, node) => ({
      ...readAll(core, at, TIME_WAIT_ENTRIES),
      ...placeOf(core, at, node),
      sinceTicks: core.words.getUint16(at + TimeWaitField.listener.offset, true),
    })),
    listeners: gather(core, Pool.LISTENER, (at, node) => ({
      ...readAll(core, at, LISTENER_ENTRIES),
      node,
    })),
    used: Array.from({ length: Pool.COUNT }, (_, pool) => readLevels(core, pool).used),
  });
}

/** The user holds a handle of the slot. */
function isOpen({ words, constant }: Core, slot: number): boolean {
  return (words.getUint16(constant(Constant.EVENT_AREA) + 2 * slot, true) & Reading.OPEN) !== 0;
}
