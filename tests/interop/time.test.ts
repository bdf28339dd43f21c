// The time of day from chronyd: named by hand, and named by a lease of dnsmasq.

import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import type { ProfileName, TimeInfo } from "../../host/index.js";
import { attach, DEVICE, fastClock, KERNEL, openDevice } from "./support/attached.js";
import { temporaryFolder } from "./support/daemon.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { startChronyd, startDnsmasq } from "./support/servers.js";
import { captureDevice, dissect } from "./support/tshark.js";

const options = { skip, timeout: 30_000 };
const PROFILES: readonly ProfileName[] = ["desktop", "esp32"];

/** Our idea of the time of day is Linux's, but for half of what question and answer took. */
function assertKnown(now: Date, { roundTripMs }: TimeInfo): void {
  const offMs = Math.abs(now.getTime() - Date.now());
  assert.ok(offMs < 100 + roundTripMs / 2, `${offMs} ms off, by ${roundTripMs} ms there and back`);
}

for (const profile of PROFILES) {
  test(`${profile}: the time of chronyd, to a tenth of a second`, options, async (t) => {
    const tap = await openDevice(t);
    await startChronyd(t, KERNEL);
    const file = join(temporaryFolder(t), "time.pcapng");
    const capture = await captureDevice(t, DEVICE, file);
    const { stack } = await attach(t, tap, { profile });
    assert.equal(stack.wallClock(), null);
    const told: TimeInfo[] = [];
    t.after(stack.timeServer(KERNEL, (time) => told.push(time)));
    await waitUntil("the time is known", () => told.length > 0, 20_000);
    assertKnown(stack.wallClock()!, told[0]!);
    assert.equal(told.length, 1);
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
    let isKnown = false;
    const stop = stack.timeServer(null, (time) => {
      assertKnown(time.date, time);
      isKnown = true;
    });
    t.after(stop);
    await waitUntil("the time is known", () => isKnown);
  });
}
