// What a socket keeps beside what Node's has in sight, under names that nobody else can use.

/** The world of a module's sockets: on the prototype of its Socket. */
export const kWorld = Symbol("world");
export const kHandle = Symbol("handle");
export const kSettings = Symbol("settings");
export const kTimer = Symbol("timer");
export const kOnRead = Symbol("onread");
export const kOwnEnd = Symbol("own end");
export const kPeer = Symbol("peer");
export const kCounts = Symbol("counts");
export const kAttempt = Symbol("attempt");
export const kHeartbeat = Symbol("heartbeat");

export interface Settings {
  noDelay: boolean;
  keepAlive: boolean;
  /** Whole seconds. */
  keepAliveSeconds: number;
  isRef: boolean;
  /** 0 to 255; undefined: was not set. */
  typeOfService: number | undefined;
}

export interface Ends {
  address?: string;
  family?: string;
  port?: number;
}
