// Views of one place: of the right bytes, made once where they are short, the last one kept where they are long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { viewsAt } from "../../host/core/views.js";

const memory = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
const AT = 1000;

test("a view shows so many bytes behind its place, and is of the memory itself", () => {
  const view = viewsAt(memory, AT);
  for (const length of [0, 1, 60, 1514, 2047, 2048, 9014, 65_550, 2048, 1]) {
    const shown = view(length);
    assert.equal(shown.length, length);
    assert.equal(shown.buffer, memory.buffer);
    assert.equal(shown.byteOffset, AT);
  }
});

test("short ones are made once, of long ones the last is kept", () => {
  const view = viewsAt(memory, AT);
  const short = [0, 60, 1514, 2047].map(view);
  const long = view(9014);
  assert.equal(view(9014), long);
  assert.notEqual(view(65_550), long);
  assert.notEqual(view(9014), long);
  assert.deepEqual([0, 60, 1514, 2047].map(view), short);
  [0, 60, 1514, 2047].forEach((length, i) => assert.equal(view(length), short[i]));
});
