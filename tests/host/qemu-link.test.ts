// Links to QEMU, without one: both roles over a Unix socket and over TCP. With one: tests/boards/qemu-link.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createStack } from "../../host/node/createStack.js";
import type { Link } from "../../host/link/link.js";
import { listenQemuLink, openQemuLink } from "../../host/link/qemu.js";
import { echo } from "./support/echo.js";
import { pattern, sha256, transfer } from "./support/pair.js";
import { until } from "./support/until.js";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-qemu-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A listener, and the link of whoever connects to it. */
async function listening(t: TestContext, where: string, onEnd?: () => void) {
  let tell: (link: Link) => void;
  const first = new Promise<Link>((resolve) => (tell = resolve));
  const listener = await listenQemuLink(where, (link) => tell(link), { ...(onEnd && { onEnd }) });
  t.after(() => listener.close());
  return { listener, first };
}

for (const kind of ["a Unix socket", "TCP"]) {
  test(`two stacks over ${kind}: 1 MB there and back, then the end`, async (t) => {
    const where = kind === "TCP" ? "127.0.0.1:0" : join(folderFor(t), "a.sock");
    let ended = 0;
    const { listener, first } = await listening(t, where, () => ended++);
    assert.match(listener.where, kind === "TCP" ? /^127\.0\.0\.1:[1-9]\d+$/ : /a\.sock$/);
    const near = await openQemuLink(listener.where);
    const far = await first;
    const [a, b] = [await createStack(), await createStack()];
    t.after(() => [a, b].forEach((stack) => stack.close()));
    a.attach(near, { addresses: ["198.18.0.1/30"] });
    b.attach(far, { addresses: ["198.18.0.2/30"] });
    b.listen({ port: 7 }, echo);
    const bytes = pattern(1_000_000, 5);
    const moved = transfer(a.connect({ host: "198.18.0.2", port: 7 }), bytes);
    await until(() => moved.ended, "the echo", 20_000);
    assert.equal(sha256(moved.received()), sha256(bytes));
    a.close();
    await until(() => ended === 1, "the other side hears of the end");
  });
}

test("nobody listens there: what is wrong, where, and what to do", async (t) => {
  const path = join(folderFor(t), "none.sock");
  await assert.rejects(openQemuLink(path), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "ENOENT");
    assert.ok(error.message.includes(`cannot connect for QEMU at ${path}: `), error.message);
    assert.match(error.message, /is QEMU running, with -netdev stream,server=on\?/);
    return true;
  });
  const { listener } = await listening(t, "127.0.0.1:0");
  listener.close();
  await assert.rejects(openQemuLink(listener.where), { code: "ECONNREFUSED" });
});

test("a place that is taken, and words that are no place", async (t) => {
  const path = join(folderFor(t), "a.sock");
  await listening(t, path);
  await assert.rejects(listening(t, path), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "EADDRINUSE");
    assert.match(error.message, /cannot listen for QEMU at .*a\.sock: it is in use/);
    return true;
  });
  assert.throws(() => openQemuLink(""), { code: "EINVAL" });
  assert.throws(() => openQemuLink("127.0.0.1:70000"), { code: "EINVAL" });
});
