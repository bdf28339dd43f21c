// A connection's owner that can be cut off and taken up again by somebody else: how far it has got is plain
// data. And links that tests of snapshots need: one that writes down what passes, one that plays it again.

import assert from "node:assert/strict";
import type { Connection } from "../../../host/core/connection.js";
import type { ProfileName, Stack } from "../../../host/core/stack.js";
import type { Link } from "../../../host/link/link.js";
import { wrapLink } from "../../../host/link/wrap.js";
import { decodeHead, decodePages } from "../../../host/snapshot/format.js";
import {
  restoreStack,
  type RestoredStack,
  type RestoreOptions,
} from "../../../host/snapshot/restore.js";
import { takeSnapshot } from "../../../host/snapshot/take.js";
import { A, B, pattern, sha256, type Pair } from "./pair.js";
import { createSegment, type Segment } from "./segment.js";

/** Of the stack that moves. */
export const MAC = "02:00:00:00:00:02";

/** How far one side of a transfer has got. */
export interface Progress {
  readonly out: Buffer;
  sent: number;
  received: Buffer[];
  finished: boolean;
  ended: boolean;
  closed: boolean;
  error: string;
}

export const startProgress = (out: Buffer): Progress => ({
  out,
  sent: 0,
  received: [],
  finished: false,
  ended: false,
  closed: false,
  error: "",
});

/** The same place, for another owner to go on from. */
export const copyProgress = (from: Progress): Progress => ({
  ...from,
  received: [...from.received],
});

/** Sends what is left, then FIN, and gathers what comes. */
export function own(connection: Connection, progress: Progress): void {
  const into = Buffer.alloc(5_000);

  function push(): void {
    if (progress.finished) return;
    progress.sent += connection.write(progress.out.subarray(progress.sent));
    if (progress.sent < progress.out.length) return;
    progress.finished = true;
    connection.shutdown();
  }
  function pull(): void {
    for (let length; (length = connection.read(into)) >= 0;) {
      if (length === 0) {
        progress.ended = true;
        return;
      }
      progress.received.push(Buffer.from(into.subarray(0, length)));
    }
  }
  connection.onConnect = push;
  connection.onWritable = push;
  connection.onReadable = pull;
  connection.onError = (error) => (progress.error = error.code ?? "unknown");
  connection.onClosed = () => (progress.closed = true);
}

/** One connection with `bytes` both ways between a and b, begun. */
export function begin(pair: Pick<Pair, "a" | "b">, bytes: number): [Progress, Progress] {
  const [client, server] = [startProgress(pattern(bytes, 1)), startProgress(pattern(bytes, 2))];
  pair.b.listen({ port: 7 }, (connection) => {
    own(connection, server);
    connection.onWritable?.();
  });
  own(pair.a.connect({ host: B, port: 7 }), client);
  return [client, server];
}

export function assertComplete(mine: Progress, peer: Progress): void {
  assert.deepEqual([mine.error, mine.ended], ["", true]);
  assert.equal(sha256(Buffer.concat(mine.received)), sha256(peer.out));
}

/** Passes everything on and calls back with what the stack reads and writes. */
export function watchLink(
  link: Link,
  heard: (frame: Buffer) => void,
  said: (frame: Buffer) => void,
): Link {
  return wrapLink(link, {
    read(into) {
      const length = link.read(into);
      if (length > 0) heard(Buffer.from(into.subarray(0, length)));
      return length;
    },
    write(frame) {
      const taken = link.write(frame);
      if (taken) said(Buffer.from(frame));
      return taken;
    },
  });
}

/** A link whose frames come from a list, and whose frames go into one. */
export function scriptedLink(said: (frame: Buffer) => void) {
  const waiting: Buffer[] = [];
  const link: Link = {
    mtu: 1500,
    offload: 0,
    onReadable: null,
    onWritable: null,
    read(into) {
      const frame = waiting.shift();
      if (frame === undefined) return 0;
      into.set(frame);
      return frame.length;
    },
    write(frame) {
      said(Buffer.from(frame));
      return true;
    },
    close: () => undefined,
  };
  return {
    link,
    hear(frame: Buffer): void {
      waiting.push(frame);
      link.onReadable?.();
    },
  };
}

/** A link that nobody is at the other end of. */
export const silent = (): Link => scriptedLink(() => undefined).link;

/** Stops a stack and goes on with its snapshot, on another port of the switch. */
export async function move(
  segment: Segment,
  stack: Stack,
  options: Partial<RestoreOptions> = {},
): Promise<RestoredStack> {
  const bytes = takeSnapshot(stack, { stop: true });
  const { clock } = segment;
  const links = [options.links?.[0] ?? segment.port()];
  const moved = await restoreStack(bytes, { clock, loop: false, ...options, links });
  (segment.stacks as Stack[])[segment.stacks.indexOf(stack)] = moved;
  return moved;
}

export interface Connected {
  segment: Segment;
  a: Stack;
  b: Stack;
  client: Connection;
  server: Connection;
}

/** Two stacks on a switch, and one connection from a to port 7 of b. */
export async function connected(profile: ProfileName = "desktop"): Promise<Connected> {
  const segment = createSegment();
  const a = await segment.add(1, { addresses: [`${A}/30`] });
  const b = await segment.add(2, { addresses: [`${B}/30`] }, { profile });
  let server: Connection | null = null;
  b.listen({ port: 7 }, (connection) => (server = connection));
  const client = a.connect({ host: B, port: 7 });
  segment.run(() => server !== null && client.state === "ESTABLISHED");
  return { segment, a, b, client, server: server! };
}

/** Everything there is to read. */
export function readAll(connection: Connection): string {
  const into = Buffer.alloc(4096);
  let text = "";
  for (let length; (length = connection.read(into)) > 0;)
    text += into.toString("latin1", 0, length);
  return text;
}

export const text = (words: string) => Buffer.from(words);

/** The packed pages of a snapshot. */
export const pagesOf = (bytes: Uint8Array) => {
  const buffer = Buffer.from(bytes);
  return decodePages(buffer, decodeHead(buffer).memoryBytes);
};
