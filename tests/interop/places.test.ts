// Where the stack can be reached: addresses that give way to those in use, addresses and ports that
// were asked for, and user mode where the rights for a TAP device are missing.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test, type TestContext } from "node:test";
import { main } from "../command/support/process.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { pingAll } from "./support/pings.js";
import { output, POWERLESS, run } from "./support/programs.js";
import { startServe, type Served } from "./support/serve.js";

const options = { skip, timeout: 40_000 };

async function checkHello(served: Served): Promise<void> {
  const nc = ["nc", served.address, String(served.port("hello"))];
  assert.equal(await output(nc, { input: ["mote"] }), "hello ->mote");
}

/** Runs `ip` with these words now, and with `undo` after the test. */
async function withNetwork(t: TestContext, words: string, undo: string): Promise<void> {
  await output(["ip", ...words.split(" ")]);
  t.after(() => output(["ip", ...undo.split(" ")]));
}

const routes = () => output(["ip", "route", "show", "table", "all", "type", "unicast"]);

/** What is in use already, and the block that the stack must take then. */
const TAKEN = [
  {
    name: "an address in the first block",
    add: "address add 198.18.0.2/30 dev lo",
    remove: "address del 198.18.0.2/30 dev lo",
    expected: "198.18.0.6",
  },
  {
    name: "a single address in the first block",
    add: "address add 198.18.0.3/32 dev lo",
    remove: "address del 198.18.0.3/32 dev lo",
    expected: "198.18.0.6",
  },
  {
    name: "a route over the first 64 blocks",
    add: "route add 198.18.0.0/24 dev lo",
    remove: "route del 198.18.0.0/24 dev lo",
    expected: "198.18.1.2",
  },
  {
    name: "a route over half of the range",
    add: "route add 198.18.0.0/16 dev lo",
    remove: "route del 198.18.0.0/16 dev lo",
    expected: "198.19.0.2",
  },
];

for (const { name, add, remove, expected } of TAKEN) {
  test(`${name}: the default address moves on`, options, async (t) => {
    await withNetwork(t, add, remove);
    const before = await routes();
    const served = await startServe(t, ["hello,http", "--link", "tap:mote0"]);
    assert.equal(served.address, expected);
    await checkHello(served);
    for (const route of before.trim().split("\n")) {
      assert.ok((await routes()).includes(route.trim()), `still there: ${route}`);
    }
    assert.equal(await served.notIdle(), "");
    assert.equal(await served.stop(), 0);
    assert.equal(await routes(), before);
  });
}

test(
  "two at the same time have addresses of their own, and both are reached",
  options,
  async (t) => {
    const first = await startServe(t, ["hello,echo,http"]);
    const second = await startServe(t, ["hello,echo,http", "--profile", "esp32"]);
    assert.deepEqual([first.address, second.address], ["198.18.0.2", "198.18.0.6"]);
    await Promise.all(
      [first, second].map(async (served) => {
        const { digest } = await connectFlow(served.address, served.port("echo"), {
          send: 500_000,
        });
        assert.equal(digest, patternDigest(500_000));
        await checkHello(served);
        assert.equal(await served.notIdle(), "");
      }),
    );
    assert.deepEqual([await first.stop(), await second.stop()], [0, 0]);
  },
);

test("--address and --port: there, and only there", options, async (t) => {
  const words = ["hello,http", "--link", "tap:mote7", "--address", "192.0.2.10/28"];
  const served = await startServe(t, [...words, "--port", "hello=8001", "--port", "http=80"]);
  assert.equal(served.address, "192.0.2.10");
  assert.equal(served.serving.url, "http://192.0.2.10:80/");
  assert.equal(networkInterfaces()["mote7"]![0]!.cidr, "192.0.2.1/28");
  await pingAll(served.address, 56, 2);
  assert.match(await output(["curl", "-sS", "http://192.0.2.10/"]), /^MoteTCP /);
  assert.equal(served.port("hello"), 8001);
  await checkHello(served);
  const before = await run(["nc", "-v", "-w", "2", served.address, "8000"]);
  assert.match(before.err, /refused/);
  assert.equal(await served.notIdle(), "");
  assert.equal(await served.stop(), 0);
  assert.equal(networkInterfaces()["mote7"], undefined);
});

test("no rights for a TAP device: user mode by itself, with the reason", options, async (t) => {
  const served = await startServe(t, ["hello,echo,http"], POWERLESS);
  const { link, reason } = served.serving;
  assert.equal(link, "user");
  assert.match(reason!, /^TAP device mote0: /);
  assert.match(reason!, /sudo ip tuntap add mote0 mode tap|sudo chmod 0666 \/dev\/net\/tun/);
  await checkUserMode(served);
});

test("no rights, and TAP asked for: an error that says what helps", options, async () => {
  const program = [...POWERLESS, process.execPath, main];
  const { code, out, err } = await run([...program, "serve", "--link", "tap:mote0"]);
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /^mote serve: TAP device mote0: .*\n {2}sudo .*\n$/);
});

test("user mode needs no rights", options, async (t) => {
  const served = await startServe(t, ["hello,echo,http", "--link", "user"], POWERLESS);
  assert.equal(served.serving.link, "user");
  assert.equal(served.serving.reason, undefined);
  await checkUserMode(served);
});

async function checkUserMode(served: Served): Promise<void> {
  assert.equal(served.address, "127.0.0.1");
  const url = `http://${served.address}:${served.port("http")}/`;
  assert.match(await output(["curl", "-sS", url]), /^MoteTCP /);
  await checkHello(served);
  const { digest } = await connectFlow(served.address, served.port("echo"), { send: 5_000_000 });
  assert.equal(digest, patternDigest(5_000_000));
  assert.equal(await served.notIdle(), "");
  assert.equal(await served.stop(), 0);
}
