// What each of n open connections takes. All memory is there from the start, so the more connections share it the less
// each costs; what is a connection's own is its record, and two rings while it carries data.

export interface ProfileNumbers {
  readonly profile: string;
  /** Bytes that the core touches. */
  readonly memory: number;
  /** Connections that can be open, and those that can carry data at a time. */
  readonly connections: number;
  readonly carrying: number;
  /** Of a record with its share of links, timers and hash. */
  readonly record: number;
  readonly ring: number;
}

export interface ConnectionCost {
  readonly connections: number;
  /** Bytes of all memory, shared by n. */
  readonly shared: number;
  /** Bytes of its own: its record, and its rings as long as there are some. */
  readonly own: number;
}

export function connectionCosts(numbers: ProfileNumbers): ConnectionCost[] {
  const { memory, connections, carrying, record, ring } = numbers;
  return Array.from({ length: connections }, (_, index) => {
    const n = index + 1;
    const rings = Math.min(n, carrying) * 2 * ring;
    return {
      connections: n,
      shared: Math.round(memory / n),
      own: Math.round(record + rings / n),
    };
  });
}
