// Snapshots as bytes and as files: what is cut off, changed, foreign, of another version or another build is told
// apart, and a file is its owner's alone.

import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { createVirtualClock } from "../../host/link/clock.js";
import type { Link } from "../../host/link/link.js";
import { mostPacked, PAGE_BYTES, packPages, unpackPages } from "../../host/snapshot/pages.js";
import { coreFile } from "../../host/node/builds.js";
import { createStack, createStackSync } from "../../host/node/createStack.js";
import { seededRandom } from "../../host/link/random.js";
import { decodeHead, encodeSnapshot } from "../../host/snapshot/format.js";
import { inspectSnapshot, restoreStack, type RestoreOptions } from "../../host/snapshot/restore.js";
import { takeSnapshot, writeSnapshot } from "../../host/snapshot/take.js";
import { connected, MAC, pagesOf, silent } from "./support/moving.js";

test("pages: zeros are left out, and memory becomes exactly what was packed", () => {
  const random = seededRandom(5);
  for (let round = 0; round < 200; round++) {
    const bytes = 1 + Math.floor(random() * 12 * PAGE_BYTES);
    const make = () => {
      const memory = new Uint8Array(bytes + PAGE_BYTES);
      for (let page = 0; page * PAGE_BYTES < memory.length; page++) {
        if (random() < 0.5) memory[Math.min(memory.length, (page + 1) * PAGE_BYTES) - 1] = 1 + page;
      }
      return memory;
    };
    const [from, into] = [make(), make()];
    const beyond = Buffer.from(into.subarray(bytes));
    const packed = packPages(from, bytes);
    assert.ok(packed.length <= mostPacked(bytes));
    unpackPages(packed, into, bytes);
    assert.ok(Buffer.from(into.subarray(0, bytes)).equals(from.subarray(0, bytes)));
    assert.ok(beyond.equals(into.subarray(bytes)), "what lies behind is not touched");
  }
  assert.equal(packPages(new Uint8Array(10 * PAGE_BYTES), 10 * PAGE_BYTES).length, 4);
});

/** Of tiny: small, so that much can be tried. */
async function small(): Promise<Buffer> {
  const { segment, b } = await connected("tiny");
  const bytes = Buffer.from(takeSnapshot(b));
  segment.close();
  return bytes;
}

const restoring = (bytes: Uint8Array) =>
  restoreStack(bytes, { links: [silent()], clock: createVirtualClock(), loop: false });

test("a snapshot that is cut off anywhere: truncated", async () => {
  const bytes = await small();
  for (let length = 0; length < bytes.length; length++) {
    const part = bytes.subarray(0, length);
    assert.throws(() => decodeHead(part), { code: "ERR_SNAPSHOT_TRUNCATED" }, `${length} bytes`);
  }
  await assert.rejects(restoring(bytes.subarray(0, 1000)), {
    code: "ERR_SNAPSHOT_TRUNCATED",
    message: new RegExp(`ends after 1000 of ${bytes.length} bytes`),
  });
});

test("a snapshot in which any byte is another: not restored, and the code says why", async () => {
  const bytes = await small();
  const seen = new Set<string>();
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1 << (at % 8);
    assert.throws(
      () => decodeHead(changed),
      ({ code }: NodeJS.ErrnoException) => seen.add(code!) && /^ERR_SNAPSHOT_/.test(code!),
      `byte ${at}`,
    );
  }
  assert.deepEqual([...seen].sort(), [
    "ERR_SNAPSHOT_CORRUPT",
    "ERR_SNAPSHOT_FOREIGN",
    "ERR_SNAPSHOT_TRUNCATED",
    "ERR_SNAPSHOT_VERSION",
  ]);
  const longer = Buffer.concat([bytes, Buffer.alloc(3)]);
  await assert.rejects(restoring(longer), { code: "ERR_SNAPSHOT_CORRUPT" });
});

test("other files and other versions are told apart", async () => {
  for (const file of ["package.json", "build/tiny.wasm", "docs/images/serve.svg"]) {
    const bytes = readFileSync(new URL(`../../../${file}`, import.meta.url));
    await assert.rejects(restoring(bytes), { code: "ERR_SNAPSHOT_FOREIGN" });
  }
  const later = await small();
  later.writeUInt32LE(2, 8);
  await assert.rejects(restoring(later), {
    code: "ERR_SNAPSHOT_VERSION",
    message: /has format version 2, and this package reads version 1/,
  });
});

test("another build: both SHA-256s are named", async () => {
  const bytes = await small();
  const head = decodeHead(bytes);
  const other = "ab".repeat(32);
  const foreign = encodeSnapshot({ head: { ...head, module: other }, pages: pagesOf(bytes) });
  await assert.rejects(restoring(foreign), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, "ERR_SNAPSHOT_BUILD");
    assert.ok(error.message.includes(other) && error.message.includes(head.module));
    return true;
  });
  const unknown = encodeSnapshot({ head: { ...head, profile: "huge" }, pages: pagesOf(bytes) });
  await assert.rejects(restoring(unknown), { code: "ERR_SNAPSHOT_BUILD" });
});

test("a module that the option wasm gave: by its file or its bytes, not by a Module", async () => {
  const file = coreFile("tiny");
  const options = { loop: false, clock: createVirtualClock() };
  const restore = (bytes: Uint8Array, wasm?: RestoreOptions["wasm"]) =>
    restoreStack(bytes, { links: [], ...options, ...(wasm === undefined ? {} : { wasm }) });
  const given = new Uint8Array(readFileSync(file));
  const stacks = [
    await createStack({ ...options, wasm: file }),
    await createStack({ ...options, wasm: given }),
    createStackSync({ ...options, wasm: file }),
  ];
  const snapshots = stacks.map((stack) => takeSnapshot(stack));
  // Whoever gave the bytes may use them for something else.
  given.fill(0);
  for (const bytes of snapshots) {
    assert.equal(inspectSnapshot(bytes).variant, null);
    const stack = await restore(bytes, file);
    assert.equal(stack.profile, "tiny");
    stack.close();
    await assert.rejects(restore(bytes), { code: "ERR_SNAPSHOT_BUILD", message: /option wasm/ });
    await assert.rejects(restore(bytes, coreFile("esp32")), { code: "ERR_SNAPSHOT_BUILD" });
  }
  const module = new WebAssembly.Module(readFileSync(file));
  await assert.rejects(restore(snapshots[0]!, module), {
    code: "ERR_SNAPSHOT_BUILD",
    message: /given without its bytes/,
  });
  const nameless = await createStack({ ...options, wasm: module });
  assert.throws(() => takeSnapshot(nameless), { code: "ENOTSUP" });
  for (const stack of [...stacks, nameless]) stack.close();
});

test("a digest that fits what makes no sense: refused, and memory is not written out of bounds", async () => {
  const bytes = await small();
  const head = decodeHead(bytes);
  const run = (first: number, count: number, length: number) => {
    const pages = Buffer.alloc(12 + length);
    pages.writeUInt32LE(1, 0);
    pages.writeUInt32LE(first, 4);
    pages.writeUInt32LE(count, 8);
    return pages;
  };
  for (const pages of [
    Buffer.alloc(0),
    Buffer.alloc(3),
    run(0, 0, 0),
    run(9_999, 1, 4096),
    run(0, 0xffffffff, 4096),
    run(0, 2, 4096),
    Buffer.alloc(1_000_000),
  ]) {
    await assert.rejects(restoring(encodeSnapshot({ head, pages })), {
      code: "ERR_SNAPSHOT_CORRUPT",
    });
  }
  const pages = pagesOf(bytes);
  for (const wrong of [
    null,
    [],
    {},
    { ...head, host: null },
    { ...head, host: { ...head.host, connections: 1 } },
    { ...head, host: { ...head.host, trace: null } },
    { ...head, toldMs: "soon" },
    { ...head, profile: 7 },
    { ...head, memoryBytes: 2 ** 31 },
    { ...head, memoryBytes: head.memoryBytes - 4096 },
  ]) {
    await assert.rejects(restoring(encodeSnapshot({ head: wrong as typeof head, pages })), {
      code: "ERR_SNAPSHOT_CORRUPT",
    });
  }
});

test("links: one for each interface, and none that carries less", async () => {
  const bytes = await small();
  const clock = createVirtualClock();
  const restore = (links: Link[]) => restoreStack(bytes, { links, clock, loop: false });
  await assert.rejects(restore([]), { code: "EINVAL", message: /1 interface\(s\).*names 0/ });
  await assert.rejects(restore([silent(), silent()]), { code: "EINVAL" });
  await assert.rejects(restore([{ ...silent(), mtu: 1400 }]), {
    code: "EINVAL",
    message: /up to 1500 bytes, and its link carries 1400/,
  });
});

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mote-snapshot-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("a file: mode 0600 whatever the umask, nothing beside it, and it restores", async (t) => {
  const { segment, b } = await connected();
  const path = join(folder(t), "stack.mote");
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  writeSnapshot(path, b);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, "..")), ["stack.mote"]);
  const info = inspectSnapshot(path);
  assert.deepEqual(info.interfaces, [{ mac: MAC, mtu: 1500, up: true }]);
  assert.deepEqual([info.profile, info.variant], ["desktop", "release"]);
  assert.deepEqual([info.connections, info.listeners, info.sockets], [1, 1, 0]);
  assert.ok(Math.abs(info.takenAt.getTime() - Date.now()) < 60_000);
  assert.match(info.module, /^[0-9a-f]{64}$/);
  const clock = createVirtualClock();
  const source = pathToFileURL(path);
  const stack = await restoreStack(source, { links: [silent()], clock, loop: false });
  assert.equal(stack.restored.takenAt.getTime(), info.takenAt.getTime());
  stack.close();
  await assert.rejects(restoreStack(`${path}.not`, { links: [] }), { code: "ENOENT" });
  segment.close();
});

test("a file that is there stays, unless it may be replaced", async (t) => {
  const { segment, b } = await connected();
  const path = join(folder(t), "stack.mote");
  writeFileSync(path, "precious");
  chmodSync(path, 0o644);
  assert.throws(() => writeSnapshot(path, b, { stop: true }), {
    code: "EEXIST",
    message: /overwrite: true/,
  });
  assert.equal(readFileSync(path, "utf8"), "precious");
  assert.deepEqual(readdirSync(join(path, "..")), ["stack.mote"]);
  b.listen({ port: 99 }, () => undefined); // it has not stopped
  writeSnapshot(pathToFileURL(path), b, { overwrite: true, stop: true });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(inspectSnapshot(path).listeners, 2);
  assert.deepEqual(readdirSync(join(path, "..")), ["stack.mote"]);
  assert.throws(() => takeSnapshot(b), { code: "EBADF" });
  assert.throws(() => writeSnapshot(join(path, "no/where"), segment.stacks[0]!), {
    code: "ENOTDIR",
  });
  segment.close();
});
