// The dedicated loop over a real TAP device, in a network namespace: it talks, it sleeps when
// nothing happens, and it never keeps the process from ending.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { atBest } from "../static/support/atBest.js";
import { runInNamespace, script, whyNoTap } from "./support/namespace.js";

const SCRIPT = script("./dedicatedScript.js");
/** Start of node and of the worker, and the end itself, which takes a few ms of it. */

describe("dedicated loop", { skip: whyNoTap() }, () => {
  test("echoes, answers messages, rings timers, and sleeps when idle", async () => {
    const { code, stdout, stderr } = await runInNamespace(SCRIPT, ["talk"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^echo hello over TAP$/m);
    assert.match(stdout, /^big 300000$/m);
    assert.match(stdout, /^message \{"echo":"snapshot","connections":\d+\}$/m);
    assert.match(stdout, /^timer rang$/m);
    const turns = Number(/^turns (\d+)$/m.exec(stdout)?.[1]);
    // The question itself costs a turn; a stray frame of the kernel may cost another.
    assert.ok(turns <= 3, `${turns} turns while idle`);
  });

  const ends: [string, number | null, RegExp][] = [
    ["exit", 3, /ended within/],
    ["throw", 1, /ended within/],
    ["terminate", 0, /ended within/],
    ["close", 0, /^services closing$/m],
    ["workerError", 0, /^onError thrown in the services$/m],
  ];
  for (const [how, expectedCode, expected] of ends) {
    test(`${how}: the process ends within a second`, async () => {
      await atBest(1000, async () => {
        const { code, signal, stdout, stderr } = await runInNamespace(SCRIPT, [how]);
        assert.equal(signal, null, stderr);
        assert.equal(code, expectedCode, stderr);
        assert.match(stdout, expected);
        return Number(/^ended within (\d+) ms$/m.exec(stdout)?.[1]);
      });
    });
  }

  test("a capture is complete even when the process exits at once", async () => {
    const { code, stdout, stderr } = await runInNamespace(SCRIPT, ["pcap"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^capture true$/m);
  });

  test("a name in use is reported to the starter", async () => {
    const { code, stdout, stderr } = await runInNamespace(SCRIPT, ["fail"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^rejected EBUSY$/m);
  });
});
