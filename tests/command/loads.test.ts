// What only tells is there at once: help, version and completion load neither koffi nor a core.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromRoot } from "../static/support/module.js";
import { main, start } from "./support/process.js";

const watcher = fileURLToPath(
  new URL("support/loads.mjs", `file://${fromRoot("tests/command/x")}`),
);

/** What a command line has loaded. */
async function loadedBy(t: Parameters<typeof start>[0], ...words: string[]) {
  const mote = start(t, process.execPath, ["--import", watcher, main, ...words]);
  const code = await mote.ended;
  const [, list = ""] = /loaded: (.*)/.exec(mote.err) ?? [];
  return { code, out: mote.out, loaded: JSON.parse(list) as string[] };
}

for (const words of [["--help"], ["--version"], ["serve", "--help"], ["completion", "bash"]]) {
  test(`mote ${words.join(" ")} loads neither koffi nor a core`, async (t) => {
    const { code, out, loaded } = await loadedBy(t, ...words);
    assert.equal(code, 0);
    assert.ok(out.length > 4);
    assert.deepEqual(loaded, []);
  });
}

test("a verb that needs them is seen loading them", async (t) => {
  const pkt = fromRoot("tests/packetdrill/active-open.pkt");
  const { loaded } = await loadedBy(t, "packetdrill", pkt);
  assert.ok(
    loaded.some((each) => /\.wasm$|WebAssembly/.test(each)),
    loaded.join(),
  );
  const koffi = start(t, process.execPath, ["--import", watcher, "-e", "require('koffi')"]);
  assert.equal(await koffi.ended, 0, koffi.err);
  assert.match(koffi.err, /loaded: .*koffi\.node/);
});
