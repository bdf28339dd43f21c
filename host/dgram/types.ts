// What the parts of a socket hand to each other.

/** Name of an error, as in "EADDRINUSE"; null: none. */
export type Code = string | null;

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** Who sent a datagram, as 'message' tells it. */
export interface RemoteInfo extends Place {
  readonly family: "IPv4";
  /** Bytes. */
  readonly size: number;
}

/** How a socket sends. It goes with each datagram, as sockets that share a port share one of the core. */
export interface SendOptions {
  /** 1 to 255 hops. */
  ttl: number;
  /** The same to groups; 0: to this stack alone. */
  multicastTtl: number;
  broadcast: boolean;
  /** 0 to 63 (RFC 2474). */
  dscp: number;
}

export interface Outgoing {
  readonly sender: object;
  readonly data: Uint8Array;
  /** null: the peer that the core knows. */
  readonly to: Place | null;
  readonly options: Readonly<SendOptions>;
  /** null: the core has it. Not called before send() has returned where it had to wait. */
  readonly done: (code: Code) => void;
}

/** With whom a socket may share its port: with others that say so, too. */
export interface Sharing {
  /** Who came last gets what is for one host. */
  readonly address: boolean;
  /** Each gets the datagrams of some senders. */
  readonly port: boolean;
}

/** Any address of the stack. */
export const ANY = "0.0.0.0";
export const LOOPBACK = "127.0.0.1";

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "EIO";

/** The code of what a call throws; null: it did not throw. */
export function tried(action: () => void): Code {
  try {
    action();
    return null;
  } catch (error) {
    return codeOf(error);
  }
}
