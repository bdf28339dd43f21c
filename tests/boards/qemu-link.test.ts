// Both roles of QEMU's stream backend with a real QEMU: without a machine, as a hub between two of its backends.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createStack } from "../../host/node/createStack.js";
import type { Link } from "../../host/link/link.js";
import { listenQemuLink, openQemuLink } from "../../host/link/qemu.js";
import { echo } from "../host/support/echo.js";
import { pattern, sha256, transfer } from "../host/support/pair.js";
import { until } from "../host/support/until.js";

const QEMU = "qemu-system-arm";
const found = spawnSync(QEMU, ["--version"]).status === 0;
const skip = found ? false : `missing: ${QEMU}; apt-get install qemu-system-arm`;

/** QEMU's words for a backend behind a port of its hub. */
const port = (id: string, where: string): string[] => [
  ...["-netdev", `stream,id=${id},${where}`],
  ...["-netdev", `hubport,id=hub-${id},hubid=0,netdev=${id}`],
];

/** A link to whoever listens there, as soon as somebody does. */
async function connected(where: string, onEnd: (error: Error | null) => void): Promise<Link> {
  for (const endMs = performance.now() + 20_000; ; await delay(20)) {
    try {
      return await openQemuLink(where, { onEnd });
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

test(
  "two stacks through QEMU's hub: it listens on one side and connects on the other",
  { skip, timeout: 60_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "mote-qemu-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const [ours, theirs] = [join(folder, "ours.sock"), join(folder, "theirs.sock")];
    const links: Link[] = [];
    const ends: (Error | null)[] = [];
    const onEnd = (error: Error | null) => ends.push(error);
    const listener = await listenQemuLink(ours, (link) => links.push(link), { onEnd });
    t.after(() => listener.close());
    const qemu = spawn(
      QEMU,
      [
        ...["-M", "none", "-nodefaults", "-display", "none", "-monitor", "none", "-serial", "none"],
        ...port("a", `server=off,addr.type=unix,addr.path=${ours}`),
        ...port("b", `server=on,addr.type=unix,addr.path=${theirs}`),
      ],
      { stdio: "ignore" },
    );
    t.after(() => qemu.kill("SIGKILL"));

    await until(() => links.length === 1, "QEMU connects", 20_000);
    // It listens on the other side before it connects on this one, or soon.
    const far = await connected(theirs, onEnd);
    const [a, b] = [await createStack(), await createStack()];
    t.after(() => [a, b].forEach((stack) => stack.close()));
    a.attach(links[0]!, { addresses: ["198.18.0.1/30"] });
    b.attach(far, { addresses: ["198.18.0.2/30"] });
    b.listen({ port: 7 }, echo);
    const bytes = pattern(300_000, 9);
    const moved = transfer(a.connect({ host: "198.18.0.2", port: 7 }), bytes);
    await until(() => moved.ended, "the echo", 30_000);
    assert.equal(sha256(moved.received()), sha256(bytes));

    qemu.kill("SIGTERM");
    await until(() => ends.length === 2, "both links hear that it has ended");
    assert.deepEqual(ends, [null, null]);
  },
);
