// The time of day from chronyd: named by hand, and named by a lease of dnsmasq.

import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import type { ProfileName, Stack } from "../../host/index.js";
import { attach, DEVICE, fastClock, KERNEL, openDevice } from "./support/attached.js";
import { temporaryFolder } from "./support/daemon.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { startChronyd, startDnsmasq } from "./support/servers.js";
import { captureDevice, dissect } from "./support/tshark.js";

const options = { skip, timeout: 30_000 };
const PROFILES: readonly ProfileName[] = ["desktop", "esp32"];

/** Our idea of the time of day differs so much from Linux's, ms. */
const offMs = (stack: Stack): number => Math.abs(stack.wallClock()!.getTime() - Date.now());

for (const profile of PROFILES) {
  test(`${profile}: the time of chronyd, to a tenth of a second`, options, async (t) => {
    const tap = await openDevice(t);
    await startChronyd(t, KERNEL);
    const file = join(temporaryFolder(t), "time.pcapng");
    const capture = await captureDevice(t, DEVICE, file);
    const { stack } = await attach(t, tap, { profile });
    assert.equal(stack.wallClock(), null);
    let told = 0;
    t.after(stack.timeServer(KERNEL, () => told++));
    await waitUntil("the time is known", () => stack.wallClock() !== null);
    assert.ok(offMs(stack) < 100, `${offMs(stack)} ms`);
    assert.equal(told, 1);
    await capture.stop();
    const fields = ["ntp.flags.mode", "ntp.flags.vn", "_ws.expert.message"] as const;
    const packets = await dissect(file, "ntp", fields);
    assert.deepEqual(
      packets.map((packet) => fields.map((field) => packet[field])),
      [
        ["3", "4", ""],
        ["4", "4", ""],
      ],
    );
  });

  test(`${profile}: the time of the server that a lease names`, options, async (t) => {
    const tap = await openDevice(t);
    await startChronyd(t, KERNEL);
    const range = "--dhcp-range=198.18.0.100,198.18.0.110,255.255.255.0,2m";
    await startDnsmasq(t, DEVICE, ["--port=0", range, `--dhcp-option=42,${KERNEL}`]);
    const auto = { dhcp: true, probe: false };
    // Without a lease it looks again every 16 s.
    const clock = fastClock(10);
    const { stack } = await attach(t, tap, { profile, clock }, { auto });
    let offMs = NaN;
    const stop = stack.timeServer(null, ({ date }) => (offMs = date.getTime() - Date.now()));
    t.after(stop);
    await waitUntil("the time is known", () => !Number.isNaN(offMs));
    assert.ok(Math.abs(offMs) < 100, `${offMs} ms`);
  });
}
