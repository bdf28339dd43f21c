// What the machine below adds, where there is one: the numbers of its errors, and the moment at which the
// process ends. A page has neither; there errors have Linux's numbers. node/machine.ts fills it in.

export interface Machine {
  /** Number of an error by its code. */
  readonly errnos: Readonly<Record<string, number>>;
  /** Calls back when the process ends; the result cancels. */
  onExit(callback: () => void): () => void;
}

const LINUX: Readonly<Record<string, number>> = {
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EINVAL: 22,
  EPIPE: 32,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  ENOPROTOOPT: 92,
  ENOTSUP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
};

const ignore = (): void => undefined;

let current: Machine = { errnos: LINUX, onExit: () => ignore };

export const machine = (): Machine => current;

/** From now on, in this thread. */
export function useMachine(other: Machine): void {
  current = other;
}
