// The process of sockets does not grow with what they carry: `npm run bench -- --soak`, but shorter.

import assert from "node:assert/strict";
import { test } from "node:test";
import { growth, GROWTH_LIMIT_BYTES, runSoak, soakTable } from "../bench/soak.js";

const soak = Math.max(1, Number(process.env["MOTE_SOAK"] ?? 1) || 1);
const LIMIT_MS = 120_000;

test("motetcp/net: 1 GB and 10,000 connections do not make the process grow", async (t) => {
  const load = {
    // The resident set settles only after the first GB.
    warmUp: { bytes: 1e9, connections: 10_000 },
    load: { bytes: 1e9 * soak, connections: 10_000 * soak },
    slices: 2,
  };
  const result = await runSoak(load, LIMIT_MS * soak);
  const { held, rss } = growth(result);
  const table = soakTable(result);
  t.diagnostic(`soak of sockets: heap and buffers ${held} bytes more, rss ${rss}`);
  assert.ok(held <= GROWTH_LIMIT_BYTES, `heap and buffers grew by ${held} bytes\n${table}`);
  assert.ok(rss <= GROWTH_LIMIT_BYTES, `rss grew by ${rss} bytes\n${table}`);
  for (const [pool, used] of Object.entries(result.left)) {
    assert.equal(used, 0, `${pool}: records in use when all connections are closed`);
  }
  assert.ok(Object.keys(result.left).length > 0, "the stack has pools of connections");
});
