// The stack's side of the tests, in the worker of the dedicated loop: plays flows on connections
// that it accepts or opens, and answers questions about the stack. See flow.ts for the other side.

import { createHash } from "node:crypto";
import type {
  Connection,
  PoolLevels,
  RunningServices,
  ServiceContext,
  Stack,
} from "../../../host/index.js";
import type { Flow, FlowResult } from "./flow.js";
import { patternAt, PIECE_BYTES } from "./pattern.js";

export type Question =
  | { readonly ask: "listen"; readonly port: number; readonly flow: Flow }
  | { readonly ask: "connect"; readonly host: string; readonly port: number; readonly flow: Flow }
  | { readonly ask: "levels" };

export interface Numbered {
  readonly id: number;
  readonly question: Question;
}

/** The answer to a question, or (with the question's number, later) a flow's result. */
export interface Answer {
  readonly id: number;
  readonly kind: "answer" | "result";
  readonly value: unknown;
}

/** What netstat would show, and what is taken of each pool. */
export interface Levels {
  readonly connections: readonly {
    readonly state: string;
    readonly localPort: number;
    readonly sndMss: number;
  }[];
  readonly pools: readonly PoolLevels[];
  readonly counters: Readonly<Record<string, number>>;
}

export function start({ stack, post }: ServiceContext): RunningServices {
  function answer({ id, question }: Numbered): void {
    const tell = (kind: Answer["kind"], value: unknown): void => post({ id, kind, value });
    const done = (result: FlowResult): void => tell("result", result);
    if (question.ask === "levels") return tell("answer", levelsOf(stack));
    const { flow } = question;
    if (question.ask === "listen") {
      const { port } = stack.listen({ port: question.port }, (connection) => {
        playFlow(stack, connection, flow, done);
      });
      return tell("answer", port);
    }
    const { host, port } = question;
    playFlow(stack, stack.connect({ host, port }), flow, done);
    tell("answer", port);
  }
  return { onMessage: (message) => answer(message as Numbered) };
}

function levelsOf(stack: Stack): Levels {
  return {
    connections: stack
      .connections()
      .map(({ state, localPort, sndMss }) => ({ state, localPort, sndMss })),
    pools: stack.pools(),
    counters: stack.counters(),
  };
}

/** Plays its part on a connection of the stack. */
export function playFlow(
  stack: Stack,
  connection: Connection,
  flow: Flow,
  done: (result: FlowResult) => void,
): void {
  const startMs = stack.clock.now();
  const hash = createHash("sha256");
  const into = new Uint8Array(PIECE_BYTES);
  let received = 0;
  let sent = 0;
  let finQueued = false;
  let peerEnded = false;
  let over = false;
  let paused = flow.pauseMs !== undefined;

  function finish(error: string): void {
    if (over) return;
    over = true;
    done({ received, digest: hash.digest("hex"), error, tookMs: stack.clock.now() - startMs });
  }

  function send(): void {
    if (finQueued || (flow.sendAfter === "peerClosed" && !peerEnded)) return;
    while (sent < flow.send) {
      const piece = patternAt(sent, flow.send - sent);
      const taken = connection.write(piece);
      sent += taken;
      if (taken < piece.length) return;
    }
    if (flow.fin === "afterPeer" && !peerEnded) return;
    finQueued = true;
    connection.shutdown();
  }

  function step(): void {
    if (over) return;
    send();
    if (!finQueued || !peerEnded) return;
    connection.close();
    finish("");
  }

  function receive(): void {
    if (paused) return;
    if (flow.onBytes !== undefined) {
      connection[flow.onBytes]();
      return finish("");
    }
    let length;
    while ((length = connection.read(into)) > 0) {
      hash.update(into.subarray(0, length));
      received += length;
    }
    if (length === 0) peerEnded = true;
    step();
  }

  connection.onConnect = step;
  connection.onWritable = step;
  connection.onReadable = receive;
  connection.onError = (error) => finish(error.code ?? error.message);
  connection.onClosed = () => finish("");
  if (flow.pauseMs !== undefined) {
    stack.after(flow.pauseMs, () => {
      paused = false;
      if (connection.handle !== 0) receive();
    });
  }
  if (connection.state !== "SYN-SENT") step();
}
