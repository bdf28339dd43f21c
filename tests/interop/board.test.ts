// `mote run-board` over TAP: firmware of a Cortex-M3 in QEMU, against Linux and its programs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../../host/boards/board.js";
import { lacking } from "../../host/boards/lacking.js";
import { startMote } from "../command/support/process.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { pingAll } from "./support/pings.js";
import { patternDigest } from "./support/pattern.js";
import { BOUND, output } from "./support/programs.js";

const NAME = "lm3s6965evb";
const missing = await lacking(findBoard(NAME)!);
const options = {
  skip: skip || (missing.length > 0 && `missing: ${missing.join(", ")}`),
  timeout: 120_000,
};

test(`${NAME} on a TAP device: ping, curl, 100 KB of echo, the end`, options, async (t) => {
  const words = ["run-board", NAME, "--engine", "aot", "--link", "tap:mote0"];
  const board = startMote(t, words, { through: BOUND });
  const [, address = ""] = await board.seen(/^http {5}curl http:\/\/([\d.]+)$/m, 60_000);
  for (const size of [0, 56, 1_472]) await pingAll(address, size, 50);
  const page = await output(["curl", "--silent", "--max-time", "10", `http://${address}/`]);
  assert.match(page, /^MoteTCP [^]*connections 1/);
  const { digest } = await connectFlow(address, 7, { send: 100_000 });
  assert.equal(digest, patternDigest(100_000));
  board.child.kill("SIGINT");
  assert.equal(await board.ended, 0);
});
