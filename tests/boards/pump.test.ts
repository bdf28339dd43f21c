// boards/common on a simulated board: what the pump does when something fails (traps, no random bytes, a driver without
// room, a link that goes), and sockets over spans.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Abi } from "../../host/core/generated/abi.js";
import { arp, echoRequest } from "../static/support/frames.js";
import { frameLine, lastNumber, play, sentIn } from "./support/simulatedBoard.js";

const PEER = 10;
const START = ["start", "turn"];
/** The peer is known from now on. */
const MEET = [frameLine(arp(PEER, 1)), "turn"];
/** MOTE_START_... of pump.h. */
const Start = { VERSION: -1, RANDOM: -2, SETTINGS: -3 };
const LONGEST_SLEEP = 2 ** 29;

const ping = (number: number) => frameLine(echoRequest(PEER, Uint8Array.of(number, 0xaa)));
/** Numbers of the pings that were answered. */
const answered = (lines: readonly string[]) =>
  sentIn(lines)
    .filter((frame) => frame[23] === 1 && frame[34] === 0)
    .map((frame) => frame[42]);

for (const profile of ["tiny", "esp32"] as const) {
  const run = (...lines: readonly string[]) => play(profile, ...lines);

  test(`${profile}: a trap ends everything that was open, and the core starts anew`, async () => {
    const before = [...START, ...MEET, "call listen 7", "damage", "turn"];
    const lines = await run(...before, "trap", "restarts", ...MEET, ping(1), "turn", "sleep");
    assert.deepEqual(
      lines.filter((line) => /^(turn|log|trap|restarts) /.test(line)),
      ["turn 0", "turn 0", "log the core has trapped and starts anew", "turn 1"].concat([
        "trap 0",
        "restarts 1",
        "turn 0",
        "turn 0",
      ]),
    );
    assert.deepEqual(answered(lines), [1]);
    const again = await run(...before, "call listen 7");
    assert.match(again.at(-1)!, /^listen [1-9]\d* 0$/, "the port is free again");
  });

  test(`${profile}: a start without random bytes is refused, and nothing opens`, async () => {
    for (const kind of [0, 2]) {
      const lines = await run(`random ${kind}`, "start", "turn", "call listen 7", ping(1), "turn");
      assert.match(lines[0]!, /^log .*random bytes/);
      assert.equal(lines[1], `start ${Start.RANDOM}`);
      assert.deepEqual(lines.slice(2), ["turn 0", "listen 0 0", "turn 0"]);
      const later = await run(`random ${kind}`, "start", "random 1", "clock 5000", "turn", "start");
      assert.deepEqual(later.slice(2), ["turn 0", "start 0"], "only another start starts it");
    }
  });

  test(`${profile}: without random bytes after a trap it is tried again each second`, async () => {
    const fall = [...START, ...MEET, "random 0", "damage", "turn"];
    const calls = ["call listen 7", "call read 1 9", "call write 1 0 x", "call state 1", "poll"];
    const lines = await run(
      ...[...fall, "restarts", "sleep", ...calls, ping(1), "clock 999", "turn", "queued", "sleep"],
      ...["clock 1", "turn", "random 1", "clock 999", "turn", "clock 1", "turn", "restarts"],
      ...[...MEET, ping(2), "turn"],
    );
    const stop = lines.indexOf("log the core has trapped and starts anew");
    const failed = "log no random bytes: nothing may open without them";
    const told = lines.slice(stop + 1).filter((line) => !line.startsWith("sent "));
    assert.deepEqual(told, [
      ...[failed, "turn 0", "restarts 0", "sleep 1000"],
      ...["listen 0 0", "read 0 0", "write 0 0", "state -2 EBADF"],
      ...["turn 0", "queued 0", "sleep 1"],
      ...[failed, "turn 0", "turn 0", "turn 1", "restarts 1", "turn 0", "turn 0"],
    ]);
    assert.deepEqual(answered(lines), [2], "what came in between is dropped");
  });

  test(`${profile}: a link that goes down and comes up`, async () => {
    // It is asked for ten times a second.
    const down = [...START, ...MEET, "link 0", ping(1), "turn", "clock 100", ping(2), "turn"];
    const lines = await run(...down, "link 1", "clock 100", "turn", ...MEET, ping(3), "turn");
    assert.deepEqual(answered(lines), [1, 3]);
  });

  test(`${profile}: a change of the link soon after the last look is not slept over`, async () => {
    const before = [...START, "clock 30", "link 0", "turn", "sleep"];
    const lines = await run(...before, "clock 70", "turn", "sleep");
    assert.deepEqual(
      lines.filter((line) => line.startsWith("sleep ")),
      ["sleep 70", `sleep ${LONGEST_SLEEP}`],
    );
  });

  test(`${profile}: a driver without room holds frames back, and none that it took is lost`, async () => {
    const burst = Array.from({ length: 64 }, (_, number) => ping(number));
    const full = await run(
      ...START,
      ...MEET,
      "clock 100",
      "room 5",
      ...burst,
      "turn",
      "queued",
      "sleep",
    );
    assert.deepEqual(answered(full), [0, 1, 2, 3, 4]);
    assert.equal(
      lastNumber(full, "queued"),
      64 - 6,
      "the sixth waits in the core, the rest outside",
    );
    assert.equal(full.at(-1), "sleep 1", "it is asked again soon");
    const turns = Array.from({ length: 12 }, () => ["room 7", "turn"]).flat();
    const later = await run(...START, ...MEET, "room 0", ...burst, ...turns, "queued");
    assert.deepEqual(
      answered(later),
      Array.from({ length: 64 }, (_, number) => number),
    );
    assert.equal(lastNumber(later, "queued"), 0);
  });

  test(`${profile}: sleep is bounded by the application, by 2^29 ms, and by timers`, async () => {
    const lines = await run(...START, "sleep", "sleep-for 250", "call listen 7", "sleep-for 0");
    const bounds = [`sleep ${LONGEST_SLEEP}`, "sleep 250", "sleep 0"];
    assert.deepEqual(
      lines.filter((line) => line.startsWith("sleep ")),
      bounds,
    );
    const opening = await run(
      ...START,
      ...MEET,
      "call connect 80 0 192.0.2.10",
      "sleep",
      "clock 100",
      "turn",
      "sleep",
    );
    assert.equal(
      opening.find((line) => line.startsWith("sleep ")),
      "sleep 0",
      "a SYN is due",
    );
    assert.equal(opening.at(-1), "sleep 1000", "and then its retransmission");
  });

  test(`${profile}: a module with another version is refused, naming both`, async () => {
    const other = Abi.VERSION + 37;
    const lines = await run(`version ${other}`, "start", "turn");
    assert.deepEqual(lines, [
      `log the module has version ${other} of the boundary, motetcp.h version ${Abi.VERSION}`,
      `start ${Start.VERSION}`,
      "turn 0",
    ]);
  });

  test(`${profile}: settings that cannot be are refused`, async () => {
    const lines = await run("start 224.0.0.1");
    assert.deepEqual(lines, ["log the core does not take the settings", `start ${Start.SETTINGS}`]);
  });
}
