// A TAP device on the application's event loop, in a network namespace; and what is said where no
// device can be had.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadLinux, type Linux } from "../../host/link/linux.js";
import { openTapDevice, persistentTapCommand } from "../../host/link/tapDevice.js";
import { atBest } from "../static/support/atBest.js";
import { runInNamespace, script, whyNoTap } from "./support/namespace.js";

const SCRIPT = script("./tapScript.js");
const noTap = whyNoTap();

describe("TAP on the event loop", { skip: noTap }, () => {
  for (const [how, expectedCode] of [
    ["close", 0],
    ["exit", 3],
    ["throw", 1],
  ] as const) {
    test(`it echoes; ${how} ends the process within a second`, async () => {
      await atBest(1000, async () => {
        const { code, signal, stdout, stderr } = await runInNamespace(SCRIPT, [how]);
        assert.equal(signal, null, stderr);
        assert.equal(code, expectedCode, stderr);
        assert.match(stdout, /^mtu 1400 1400$/m);
        assert.match(stdout, /^address 198\.18\.0\.1\/30$/m);
        assert.match(stdout, /^echo 100000$/m);
        return Number(/^ended within (\d+) ms$/m.exec(stdout)?.[1]);
      });
    });
  }

  test("a closed device's descriptor number is not closed again when its worker ends", async () => {
    const { code, stdout, stderr } = await runInNamespace(script("./fdScript.js"));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^taken over true$/m);
    assert.match(stdout, /^all open$/m);
  });

  test("idle: no turn while nothing happens", async () => {
    const { code, stdout, stderr } = await runInNamespace(SCRIPT, ["idle"]);
    assert.equal(code, 0, stderr);
    const [, quiet, turns] = /^quiet (true|false) turns (\d+)$/m.exec(stdout) ?? [];
    // One frame is a turn, and looks for the next are a few more.
    assert.ok(Number(turns) <= (quiet === "true" ? 0 : 10), stdout);
  });
});

/** System calls that fail as told: the errno that TUNSETIFF gives. */
const refusing = (errno: number): Linux => ({
  ioctl: () => -1,
  errno: () => errno,
  inetSocket: () => -1,
  close: () => {},
  read: () => -1,
  write: () => -1,
  poll: () => 0,
  pollAsync: () => {},
  eventfd: () => -1,
});

describe("TAP errors in plain words", { skip: noTap }, () => {
  const options = { hostAddress: "198.18.0.1/30" };
  const cases: [number, string, RegExp][] = [
    [
      1,
      "EPERM",
      /sudo ip tuntap add mote0 mode tap user .* && sudo ip addr replace 198\.18\.0\.1\/30 dev mote0 && sudo ip link set mote0 up/,
    ],
    [16, "EBUSY", /in use by another process.*--link tap:NAME/],
    [22, "EINVAL", /not a TAP device.*ip -details link show mote0/],
  ];
  for (const [errno, code, text] of cases) {
    test(`${code} names the remedy`, () => {
      assert.throws(
        () => openTapDevice(refusing(errno), "mote0", options),
        (error: Error) => {
          assert.equal((error as NodeJS.ErrnoException).code, code);
          assert.match(error.message, text);
          assert.match(error.message, /TAP device mote0/);
          return true;
        },
      );
    });
  }
});

test("a name that no device can have is refused before anything is opened", () => {
  const never = refusing(0);
  for (const name of ["", "sixteen-letters-", "with space", "a/b"]) {
    assert.throws(() => openTapDevice(never, name, { hostAddress: "198.18.0.1/30" }), {
      code: "EINVAL",
    });
  }
});

test("the command for a persistent device carries address, MTU and user", () => {
  const command = persistentTapCommand("mote1", "198.18.0.5/30", 9000);
  assert.match(command, /add mote1 mode tap user \S+ && .*198\.18\.0\.5\/30.* mtu 9000 up$/);
});

test("where there is no Linux, the error says what to use instead", async () => {
  const platform = Object.getOwnPropertyDescriptor(process, "platform")!;
  Object.defineProperty(process, "platform", { value: "darwin" });
  try {
    const fresh = new URL("../../host/link/linux.js?other-platform", import.meta.url).href;
    const { loadLinux: load } = (await import(fresh)) as { loadLinux: typeof loadLinux };
    await assert.rejects(load(), { code: "ENOTSUP", message: /darwin; use: --link user/ });
  } finally {
    Object.defineProperty(process, "platform", platform);
  }
});
