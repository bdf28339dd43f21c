// Parts of the engines alone: SHA-256 against Node's, and the interpreter's heap against what a heap has to be.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import koffi from "koffi";
import { fromRoot } from "../static/support/module.js";
import { chooseSeed, createRandom } from "../static/support/random.js";
import { cc } from "./support/native.js";

function loadParts(source: string, ...flags: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "mote-parts-"));
  const file = join(folder, "parts.so");
  const own = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared"];
  cc(...own, ...flags, fromRoot(`boards/${source}`), "-o", file);
  const library = koffi.load(file);
  rmSync(folder, { recursive: true });
  return library;
}

test("SHA-256: FIPS 180-4's examples, and every length around the ends of blocks", () => {
  const library = loadParts("common/sha256.c");
  const hash = library.func("void mote_sha256_text(const uint8_t *, uint32_t, _Out_ uint8_t *)");
  const textOf = (bytes: Uint8Array) => {
    const text = Buffer.alloc(65, 1);
    (hash as (from: Uint8Array, count: number, to: Uint8Array) => void)(bytes, bytes.length, text);
    return text.toString("latin1");
  };
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\0";
  assert.equal(textOf(Buffer.from("abc")), abc);
  const million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0\0";
  assert.equal(textOf(Buffer.alloc(1_000_000, "a")), million);
  for (let length = 0; length <= 130; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length);
    assert.equal(textOf(bytes), `${createHash("sha256").update(bytes).digest("hex")}\0`);
  }
});

const HEAP = 4096;

interface Block {
  readonly at: bigint;
  readonly bytes: number;
  readonly fill: number;
}

test("the heap: blocks are zero, apart, keep their bytes, and leave nothing behind", (t) => {
  const library = loadParts("engine/wasm3/heap.c", `-DMOTE_WASM3_HEAP=${HEAP}u`);
  const empty = library.func("void mote_heap_empty()") as () => void;
  const allocate = library.func("void *mote_heap_allocate(size_t)") as (bytes: number) => unknown;
  const resize = library.func("void *mote_heap_resize(void *, size_t)") as (
    at: bigint,
    bytes: number,
  ) => unknown;
  const free = library.func("void mote_heap_free(void *)") as (at: bigint | null) => void;
  const used = library.func("uint32_t mote_heap_used()") as () => number;
  const most = library.func("uint32_t mote_heap_most()") as () => number;
  const viewOf = (at: bigint, bytes: number) => Buffer.from(koffi.view(at, bytes));
  const seed = chooseSeed();
  t.diagnostic(`MOTE_SEED=${seed}`);
  const random = createRandom(seed);
  const blocks: Block[] = [];
  let failed = 0;

  const keep = (found: unknown, bytes: number) => {
    const at = koffi.address(found);
    const fill = 1 + random.below(255);
    assert.equal(at % 8n, 0n);
    for (const other of blocks) {
      const apart = at + BigInt(bytes) <= other.at || other.at + BigInt(other.bytes) <= at;
      assert.ok(apart, "two blocks share no byte");
    }
    viewOf(at, bytes).fill(fill);
    blocks.push({ at, bytes, fill });
  };
  const sizeOfBlocks = () =>
    blocks.reduce((sum, { bytes }) => sum + Math.ceil((bytes + 4) / 8) * 8, 0);

  const step = () => {
    const bytes = random.percent(5) ? random.below(2 * HEAP) : random.below(200);
    const [block] = random.percent(50) ? blocks.splice(random.below(blocks.length), 1) : [];
    if (block === undefined) {
      const found = allocate(bytes);
      if (found === null) return void failed++;
      assert.ok(viewOf(koffi.address(found), bytes).every((value) => value === 0));
      return keep(found, bytes);
    }
    if (random.percent(50)) return free(block.at);
    const found = resize(block.at, bytes);
    const kept = found === null ? block.at : koffi.address(found);
    const same = Math.min(block.bytes, found === null ? block.bytes : bytes);
    assert.ok(viewOf(kept, same).every((value) => value === block.fill));
    if (found === null) blocks.push(block);
    else keep(found, bytes);
  };

  empty();
  for (let i = 0; i < 3_000; i++) {
    step();
    for (const { at, bytes, fill } of blocks) {
      assert.ok(viewOf(at, bytes).every((value) => value === fill));
    }
    assert.equal(used(), sizeOfBlocks());
    assert.ok(used() <= most() && most() <= HEAP);
  }
  assert.ok(failed > 0, "it was full at times");
  free(null);
  for (const { at } of blocks.splice(0)) free(at);
  assert.equal(used(), 0);
  assert.notEqual(allocate(HEAP - 4), null, "all of it is one piece again");
  assert.equal(allocate(1), null);
});
