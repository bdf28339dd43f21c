// Recordings: what came into a stack does the same again, to the last byte of its memory; and what is no recording,
// or not all of one, or of another build, is said to be so.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ProfileName } from "../../host/core/stack.js";
import { createStack } from "../../host/nodeStack.js";
import { openReplay, type Replay } from "../../host/record/replay.js";
import type { RecordOptions } from "../../host/record/record.js";
import { seededRandom } from "../../host/link/random.js";
import { B, createPair, pattern, transfer } from "./support/pair.js";

/** Takes a recording into memory. */
function taken(): { options: RecordOptions; bytes(): Buffer } {
  const parts: Buffer[] = [];
  return {
    options: { to: (bytes) => void parts.push(Buffer.from(bytes)) },
    bytes: () => Buffer.concat(parts),
  };
}

/** All of it again; how many calls there were. */
function playAll(replay: Replay): number {
  let count = 0;
  while (replay.step() !== null) count++;
  return count;
}

interface Run {
  profile?: ProfileName;
  seed?: number;
  bytes?: number;
  loss?: number;
}

/** A transfer both ways between two recorded stacks. */
async function recorded({ profile = "desktop", seed = 0, bytes = 100_000, loss = 0 }: Run = {}) {
  const recordings = [taken(), taken()] as const;
  const pair = await createPair({
    profiles: [profile, profile],
    seed,
    record: [recordings[0].options, recordings[1].options],
    ...(loss > 0 && { impairments: { loss, reorder: loss, delay: 5, seed } }),
  });
  const ends = [0, 0];
  pair.b.listen({ port: 7 }, (connection) => {
    const server = transfer(connection, pattern(bytes, seed + 1));
    connection.onClosed = () => void (ends[1] = server.received().length);
  });
  const client = transfer(pair.a.connect({ host: B, port: 7 }), pattern(bytes, seed + 2));
  pair.run(() => client.ended);
  pair.close();
  return recordings.map((each) => each.bytes());
}

for (const profile of ["tiny", "esp32", "desktop"] as const) {
  test(`${profile}: a transfer over a bad line, again to the last byte of memory`, async () => {
    for (const bytes of await recorded({ profile, seed: 5, loss: 0.05 })) {
      const replay = await openReplay(bytes);
      assert.ok(playAll(replay) > 200);
      assert.equal(replay.end, "whole");
      assert.equal(replay.head.profile, profile);
    }
  });
}

test("a thousand recordings of random runs: each is whole", { timeout: 600_000 }, async () => {
  const random = seededRandom(2026);
  let whole = 0;
  for (let run = 0; run < 500; run++) {
    const profile = run % 50 === 0 ? "desktop" : random() < 0.5 ? "tiny" : "esp32";
    const bytes = Math.floor(random() ** 3 * 20_000);
    const all = await recorded({ profile, seed: run, bytes, loss: random() * 0.1 });
    for (const recording of all) {
      const replay = await openReplay(recording);
      playAll(replay);
      if (replay.end === "whole") whole++;
    }
  }
  assert.equal(whole, 1000);
});

test("a byte of a frame that was changed: the call that shows it first is named", async () => {
  const [bytes] = await recorded({ bytes: 5_000 });
  const at = bytes!.lastIndexOf(pattern(5_000, 1).subarray(1_000, 1_040));
  assert.ok(at > 0);
  bytes![at]! ^= 1;
  const replay = await openReplay(bytes!);
  assert.throws(() => playAll(replay), { code: "ERR_REPLAY_DIVERGED", message: /call \d+, \w+\(/ });
});

test("one that was not closed is played as far as it goes, wherever it was cut", async () => {
  const [bytes] = await recorded({ profile: "tiny", bytes: 300 });
  const calls = playAll(await openReplay(bytes!));
  let last = 0;
  for (const part of [0.3, 0.5, 0.7, 0.9, 0.99]) {
    const replay = await openReplay(bytes!.subarray(0, Math.floor(bytes!.length * part)));
    const count = playAll(replay);
    assert.equal(replay.end, "cut");
    assert.ok(count > last && count <= calls, `${count} of ${calls} calls`);
    last = count;
  }
  for (let missing = 1; missing <= 33; missing++) {
    const replay = await openReplay(bytes!.subarray(0, -missing));
    playAll(replay);
    assert.equal(replay.end, "cut");
  }
});

test("what is no recording, another version, another build", async () => {
  const [good] = await recorded({ profile: "tiny", bytes: 0 });
  const refused = (change: (bytes: Buffer) => Buffer, code: string, message: RegExp) =>
    assert.rejects(openReplay(change(Buffer.from(good!))), { code, message });
  await refused(() => Buffer.from("hello"), "ERR_RECORDING_FOREIGN", /no recording/);
  await refused(() => Buffer.alloc(0), "ERR_RECORDING_FOREIGN", /no recording/);
  await refused((bytes) => bytes.subarray(0, 12), "ERR_RECORDING_TRUNCATED", /after 12 bytes/);
  await refused(
    (bytes) => bytes.subarray(0, 40),
    "ERR_RECORDING_TRUNCATED",
    /before its first call/,
  );
  await refused(
    (bytes) => (bytes.writeUInt32LE(9, 8), bytes),
    "ERR_RECORDING_VERSION",
    /version 9/,
  );
  await refused((bytes) => (bytes.write("?", 16), bytes), "ERR_RECORDING_CORRUPT", /head/);
  const { module } = (await openReplay(good!)).head;
  const other = module.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  const build = new RegExp(`SHA-256 ${other}, the one here ${module}`);
  const changed = (bytes: Buffer) => (bytes.write(other, bytes.indexOf(module)), bytes);
  await refused(changed, "ERR_RECORDING_BUILD", build);
});

test("into a file: for its owner alone, whole when the stack closes, and nothing is overwritten", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mote-record-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const to = join(folder, "run.moterec");
  const stack = await createStack({ profile: "tiny", record: { to } });
  await assert.rejects(createStack({ record: { to } }), { code: "EEXIST", message: /overwrite/ });
  stack.listen({ port: 7 }, () => undefined);
  stack.close();
  assert.equal(statSync(to).mode & 0o777, 0o600);
  const replay = await openReplay(readFileSync(to));
  playAll(replay);
  assert.equal(replay.end, "whole");
  chmodSync(to, 0o644);
  (await createStack({ profile: "tiny", record: { to, overwrite: true } })).close();
  assert.equal(statSync(to).mode & 0o777, 0o600, "whoever had it before");
  playAll(await openReplay(readFileSync(to)));
});
