// Both directions at once over a bad line with a slow and sloppy peer: every byte arrives once and
// in order, both sides close in good order, and it does not take for ever.

import assert from "node:assert/strict";
import { Option, State } from "../../host/core/generated/abi.js";
import { chooseSeed, createRandom, type Random } from "../static/support/random.js";
import { passive, type Peer } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";
import { type Line, makeSloppy } from "./support/sloppy.js";

const TOTAL = 12_000;
const STEP_MS = 5;
const LIMIT_MS = 30 * 60_000;

const LINES: Record<string, Line> = {
  "a good line": { loss: 0, duplicate: 0, jitterMs: 5 },
  "5 % loss and reordering": { loss: 5, duplicate: 2, jitterMs: 60 },
  "20 % loss, duplicates and reordering": { loss: 20, duplicate: 20, jitterMs: 100 },
};

/** The user's side: writes and reads a little at a time; true once the stream has ended. */
function useConnection(
  peer: Peer,
  random: Random,
  progress: { written: number; read: number },
): boolean {
  const { call, hold } = peer.rig;
  const room = hold(() => call.sendSpan(peer.handle));
  if (room > 0 && progress.written < TOTAL) {
    const length = Math.min(room, 1 + random.below(900), TOTAL - progress.written);
    peer.write(length);
    progress.written += length;
    if (progress.written === TOTAL) assert.equal(call.shutdown(peer.handle), 0);
  }
  const ready = call.receiveSpan(peer.handle);
  if (ready > 0 && random.percent(40)) {
    const length = 1 + random.below(ready);
    peer.read(length);
    progress.read += length;
  }
  return ready === 0;
}

function transfer(rig: Rig, line: Line, random: Random): void {
  // A run of losses that lasts for R2 is rare, and no fault: the limit has tests of its own.
  rig.call.setOption(0, Option.R2_SECONDS, 3600);
  const peer = passive(rig, { mss: 300 + random.below(500), ts: random.percent(50), win: 0 });
  const sloppy = makeSloppy(peer, TOTAL, line, random);
  const progress = { written: 0, read: 0 };
  for (let ended = false; !ended || !sloppy.ended || sloppy.acknowledged < TOTAL + 2;) {
    ended = useConnection(peer, random, progress);
    sloppy.tick();
    rig.advance(STEP_MS);
    assert.ok(rig.now() < LIMIT_MS, `it takes too long: ${JSON.stringify(progress)}`);
  }
  assert.deepEqual(progress, { written: TOTAL, read: TOTAL });
  assert.equal(sloppy.received, TOTAL + 2);
  const state = peer.state();
  assert.ok(state === State.TIME_WAIT || state === State.CLOSED || state >= State.FIN_WAIT_1);
  rig.sent.splice(0);
}

for (const [name, line] of Object.entries(LINES)) {
  onAllProfiles(`a transfer both ways over ${name}`, (rig) => {
    const seed = chooseSeed();
    rig.note(`MOTE_SEED=${seed}`);
    try {
      transfer(rig, line, createRandom(seed));
    } catch (error) {
      throw new Error(`with MOTE_SEED=${seed}: ${String(error)}`, { cause: error });
    }
  });
}
