// The table of a NAT: what comes from where and goes where, and the number that stands for it as the source
// port on the carrier's side. Bounded by its user; numbers go round, so that one is not used again soon.

import type { Change } from "./packet.js";

/** One direction's addresses and ports, as the stack sees them. */
export type FlowKey = Change;

/** A connection or an association; `Data` is its owner's. */
export interface Flow<Data> extends Readonly<FlowKey> {
  /** The source port on the carrier's side. */
  readonly id: number;
  /** When something came from the stack last. */
  usedMs: number;
  readonly data: Data;
  /** Others with the same hash. */
  next: Flow<Data> | undefined;
}

export interface FlowTable<Data> {
  readonly size: number;
  find(key: FlowKey): Flow<Data> | undefined;
  byId(id: number): Flow<Data> | undefined;
  add(key: FlowKey, data: Data, nowMs: number): Flow<Data>;
  remove(flow: Flow<Data>): void;
  /** All of them; one may be removed on the way. */
  all(): Iterable<Flow<Data>>;
}

const LAST_ID = 65_535;

export function createFlowTable<Data>(): FlowTable<Data> {
  const byId = new Map<number, Flow<Data>>();
  const buckets = new Map<number, Flow<Data>>();
  let lastId = 0;

  /** There are fewer flows than numbers: the limits of their owners see to that. */
  function nextId(): number {
    do lastId = lastId === LAST_ID ? 1 : lastId + 1;
    while (byId.has(lastId));
    return lastId;
  }

  return {
    get size() {
      return byId.size;
    },
    find(key) {
      let flow = buckets.get(hash(key));
      while (flow !== undefined && !isSame(flow, key)) flow = flow.next;
      return flow;
    },
    byId: (id) => byId.get(id),
    add(key, data, nowMs) {
      const { source, destination, sourcePort, destinationPort } = key;
      const id = nextId();
      const next = buckets.get(hash(key));
      const addresses = { source, destination, sourcePort, destinationPort };
      const flow: Flow<Data> = { ...addresses, id, usedMs: nowMs, data, next };
      buckets.set(hash(key), flow);
      byId.set(id, flow);
      return flow;
    },
    remove(flow) {
      if (!byId.delete(flow.id)) return;
      const bucket = hash(flow);
      const first = buckets.get(bucket);
      if (first !== flow) {
        let before = first!;
        while (before.next !== flow) before = before.next!;
        before.next = flow.next;
      } else if (flow.next === undefined) buckets.delete(bucket);
      else buckets.set(bucket, flow.next);
    },
    all: () => byId.values(),
  };
}

function isSame(flow: FlowKey, key: FlowKey): boolean {
  return (
    flow.sourcePort === key.sourcePort &&
    flow.destination === key.destination &&
    flow.destinationPort === key.destinationPort &&
    flow.source === key.source
  );
}

/** Chains are as long as the table at most, which is bounded: nobody but the stack itself could make them so. */
function hash({ source, destination, sourcePort, destinationPort }: FlowKey): number {
  const ports = (sourcePort << 16) | destinationPort;
  return Math.imul(destination ^ Math.imul(source, 0x9e3779b1), 0x85ebca6b) ^ ports;
}
