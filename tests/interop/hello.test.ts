// hello over TAP, with every profile: the sizes around the rings' own, a name in two segments, and
// peers that half-close, pause or just wait.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { skip } from "./support/namespace.js";
import { patternAt } from "./support/pattern.js";
import { startServe, type Served } from "./support/serve.js";

const SIZES = [1, 1_023, 1_024, 1_025, 100_000];
const GREETING = "hello ->";
/** How long hello waits for more. */
const PAUSE_MS = 50;
const ATTEMPTS = 10;

interface Talk {
  /** Each leaves in a segment of its own, or more. */
  readonly pieces: readonly Uint8Array[];
  /** FIN after the last piece; else hello finds the end by its pause. */
  readonly halfClose: boolean;
}

/** What hello answers, and how long the question took to be handed to the kernel. */
async function talk(served: Served, { pieces, halfClose }: Talk) {
  const socket = connect({ host: served.address, port: served.port("hello"), noDelay: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.setTimeout(10_000, () => socket.destroy(new Error("no progress for 10 s")));
  const closed = once(socket, "close");
  await once(socket, "connect");
  const startMs = performance.now();
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  const askedMs = performance.now() - startMs;
  if (halfClose) socket.end();
  await closed;
  return { answer: Buffer.concat(chunks), askedMs };
}

/** The same until the question was asked, and heard, without a pause: on a busy machine we may be the slow
 * one, or hello, which then answers what it has. */
async function talkFluently(served: Served, question: Talk): Promise<Buffer> {
  const whole = Buffer.concat([Buffer.from(GREETING), ...question.pieces]);
  for (let attempt = 1; ; attempt++) {
    const { answer, askedMs } = await talk(served, question);
    const isPart = answer.length < whole.length && whole.subarray(0, answer.length).equals(answer);
    const isFluent = askedMs < PAUSE_MS / 2 && !isPart;
    if (isFluent || attempt === ATTEMPTS) return answer;
  }
}

/** The pattern from its start, cut into pieces that patternAt() can give. */
function piecesOf(length: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let position = 0; position < length;) {
    const piece = patternAt(position, length - position);
    pieces.push(piece);
    position += piece.length;
  }
  return pieces;
}

for (const profile of ["desktop", "esp32", "tiny"]) {
  test(`${profile}: hello`, { skip, timeout: 60_000 }, async (t) => {
    const served = await startServe(t, ["hello,http", "--profile", profile]);
    for (const size of SIZES) {
      for (const halfClose of [true, false]) {
        await t.test(`${size} bytes, ${halfClose ? "half-closed" : "then a pause"}`, async () => {
          const pieces = piecesOf(size);
          const answer = await talkFluently(served, { pieces: [Buffer.concat(pieces)], halfClose });
          assert.equal(answer.length, GREETING.length + size);
          assert.ok(answer.equals(Buffer.concat([Buffer.from(GREETING), ...pieces])));
        });
      }
    }
    await t.test("a name in two segments", async () => {
      const pieces = ["mo", "te"].map((text) => Buffer.from(text));
      for (const halfClose of [true, false]) {
        assert.equal(String(await talkFluently(served, { pieces, halfClose })), "hello ->mote");
      }
    });
    await t.test("a peer that half-closes without a word", async () => {
      assert.equal(String(await talkFluently(served, { pieces: [], halfClose: true })), GREETING);
    });
    assert.equal(await served.notIdle(), "");
    assert.equal(await served.stop(), 0);
  });
}
