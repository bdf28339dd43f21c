// What host/ keeps of a stack beside the core's memory: the host's part of a snapshot, as plain values.
// Handlers, timers and links are the application's, and are not in here.

export interface SavedInterface {
  /** In the core, for its events. */
  readonly handle: number;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly repliesLost: number;
  /** The frame that the link had refused: the core will not build it again. */
  readonly refused: Uint8Array | null;
}

export interface SavedConnection {
  readonly handle: number;
  /** write() was refused, and onWritable is owed. */
  readonly blocked: boolean;
  /** Its end was told; bytes are left to read. */
  readonly over: boolean;
}

export interface SavedSocket {
  readonly handle: number;
  /** send() was refused, and onWritable is owed. */
  readonly blocked: boolean;
}

export interface SavedNames {
  /** Types of services that are told of. */
  readonly published: readonly string[];
  /** Handles of lookups under way: nobody waits for them any more. */
  readonly lookups: readonly number[];
}

export interface SavedTimeOfDay {
  /** Handle of the clock; 0: no server is asked. */
  readonly asked: number;
  /** ms since 1970 at 0 of the stack's clock; null: no server has answered. */
  readonly epochMs: number | null;
}

export interface SavedTrace {
  readonly taken: number;
  readonly lost: number;
}

export interface SavedHost {
  readonly interfaces: readonly SavedInterface[];
  readonly listeners: readonly number[];
  readonly connections: readonly SavedConnection[];
  readonly sockets: readonly SavedSocket[];
  readonly names: SavedNames;
  readonly timeOfDay: SavedTimeOfDay;
  readonly trace: SavedTrace;
}
