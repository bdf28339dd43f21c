// Echo requests of ours and what becomes of them, one by one: answered, refused on the way, or never sent
// because the next hop is silent. Used by ping and traceroute. All of it on the stack's own clock.

import type { Stack } from "../core/stack.js";
import { HOST_UNREACHABLE, type IcmpError } from "./icmp.js";

/** An answer to a request. */
export interface EchoAnswer {
  readonly sequence: number;
  /** Who answered; null: the next hop does not, so the request never left. */
  readonly address: string | null;
  /** null: it is the reply. */
  readonly error: IcmpError | null;
  readonly bytes: number;
  readonly hops: number;
  /** From request to answer. */
  readonly ms: number;
  /** The request was answered before. */
  readonly again: boolean;
}

export interface EchoSender {
  /** Sends a request; false: no room now. Throws what keeps it from leaving. */
  send(sequence: number, ttl: number): boolean;
  /** Requests without an answer. */
  waiting(): number;
  /** No answer to it is expected any more. */
  forget(sequence: number): void;
  close(): void;
}

interface Request {
  readonly sentMs: number;
  answered: boolean;
}

/** Requests remembered: what comes later than so many others is nobody's. */
const REMEMBERED = 1024;
/** How often it is looked whether requests could not leave. */
const LOOK_MS = 200;

export function createEchoSender(
  stack: Stack,
  address: string,
  bytes: number,
  onAnswer: (answer: EchoAnswer) => void,
): EchoSender {
  const socket = stack.bind({ protocol: "echo" });
  const data = Uint8Array.from({ length: bytes }, (_, i) => i & 255);
  const requests = new Map<number, Request>();
  const lostNow = (): number => stack.counters().drop_socket_unreachable;
  let lost = lostNow();
  let looking = false;
  let closed = false;

  function answered(sequence: number, rest: Omit<EchoAnswer, "sequence" | "ms" | "again">): void {
    const request = requests.get(sequence);
    if (request === undefined) return;
    const again = request.answered;
    request.answered = true;
    onAnswer({ sequence, ...rest, ms: stack.clock.now() - request.sentMs, again });
  }

  /** Requests leave in their order, so those that could not are the oldest that wait. */
  function look(): void {
    looking = false;
    if (closed) return;
    const before = lost;
    lost = lostNow();
    const open = [...requests].filter(([, request]) => !request.answered);
    for (const [sequence] of open.slice(0, (lost - before) >>> 0)) {
      answered(sequence, { address: null, error: HOST_UNREACHABLE, bytes: 0, hops: 0 });
    }
    watch();
  }

  const waiting = (): number => [...requests.values()].filter((each) => !each.answered).length;

  function watch(): void {
    if (looking || closed || waiting() === 0) return;
    looking = true;
    stack.after(LOOK_MS, look);
  }

  socket.onReadable = () => {
    // Whoever gets an answer may have had enough.
    for (let next; socket.handle !== 0 && (next = socket.receive()) !== null;) {
      const { port, error, hops, address: from } = next;
      answered(port, { address: from, error, bytes: next.data.length, hops });
    }
  };

  return {
    send(sequence, ttl) {
      socket.setOption("TTL", ttl);
      if (!socket.send(data, sequence, address)) return false;
      // Put at the end, whatever was there under that number.
      requests.delete(sequence);
      requests.set(sequence, { sentMs: stack.clock.now(), answered: false });
      if (requests.size > REMEMBERED) requests.delete(requests.keys().next().value!);
      watch();
      return true;
    },
    waiting,
    forget: (sequence) => void requests.delete(sequence),
    close() {
      closed = true;
      socket.close();
    },
  };
}
