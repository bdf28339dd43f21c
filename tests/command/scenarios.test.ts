// Scenarios of services that a packet script cannot show, under their numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stack } from "../../host/core/stack.js";
import { createMetrics } from "../../host/command/services/http/metrics.js";
import { createHttp, IDLE_MS } from "../../host/command/services/http/server.js";
import { createStatus } from "../../host/command/services/http/status.js";
import { openPair } from "./support/pair.js";

const HEARTBEATS = 20;
const REQUEST = "HEAD / HTTP/1.1\r\nHost: mote\r\n\r\n";

function http(stack: Stack) {
  const services = [{ name: "http", port: 8000, hostPort: 8000 }];
  const basis = { version: "1.2.3", link: "tap:mote9", address: "198.18.0.2/30", services };
  const status = createStatus(stack, () => basis);
  return createHttp(stack, { status, metrics: createMetrics(stack) });
}

test("D7 a heartbeat keeps the connection of an idle-limited server open", async () => {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  for (let i = 1; i <= HEARTBEATS; i++) {
    client.send(REQUEST);
    pair.run(IDLE_MS - 1_000);
    assert.equal(client.text.split("HTTP/1.1 200").length - 1, i, "each is answered");
    assert.ok(!client.ended, `open after ${i} heartbeats`);
  }
  pair.run(2_000);
  assert.ok(client.ended, "without one it is closed");
});
