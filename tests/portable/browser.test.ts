// The entry for browsers: bundled without anything of Node's, and run where there is nothing of it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fromRoot } from "../static/support/module.js";
import { bundle, coreBytes, openPage } from "./support/bundle.js";
import { readAll, text, writeAll } from "./support/pair.js";

const bundled = bundle();

test("the bundle imports nothing, and names no global of Node's", async () => {
  const { text: code, metafile, warnings } = await bundled;
  assert.deepEqual(warnings, []);
  assert.doesNotMatch(code, /\bnode:/);
  assert.doesNotMatch(code, /(?<![\w$.'"-])(Buffer|process|require|global|__dirname)\b(?=[.([])/);
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.length > 20);
  assert.deepEqual(
    inputs.filter((path) => path.includes("node_modules") || path.includes("host/node/")),
    [],
  );
  // A page without a bundler finds them all.
  const named = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  assert.ok(named.every(({ original = "" }) => /^\.\.?\/.*\.js$/.test(original)));
  const [output] = Object.values(metafile.outputs);
  assert.deepEqual(output!.imports, []);
});

test("its sources are types of the web's alone, and so is what reads frames", () => {
  const tsc = fromRoot("node_modules/typescript/bin/tsc");
  const words = [tsc, "-p", fromRoot("host/tsconfig.browser.json")];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("two stacks talk where there is only what a page has", async () => {
  const page = openPage((await bundled).text);
  const { createStack, MemoryLink, tee, createPcapngWriter } = page.motetcp;
  const [left, right] = MemoryLink.pair();
  let captured = 0;
  const writer = createPcapngWriter((bytes) => (captured += bytes.length));
  const wasm = coreBytes();
  const a = await createStack({ wasm, link: tee(left, writer), addresses: ["198.18.0.1/24"] });
  const b = await createStack({
    wasm: Promise.resolve(wasm),
    link: right,
    addresses: ["198.18.0.2/24"],
    hosts: { "bücher.test": "198.18.0.1" },
  });
  const listener = a.listen({ port: 7 });
  const client = b.connect({ hostname: "BÜCHER.test", port: 7 });
  const { value: server } = await listener.next();
  const echoed = server!.readable.pipeTo(server!.writable);
  const back = readAll(client.readable);
  await writeAll(client.writable, new Uint8Array(300_000).fill(7));
  assert.equal((await back).length, 300_000);
  await Promise.all([echoed, client.closed]);
  const refused = b.connect({ hostname: "198.18.0.1", port: 8 });
  await assert.rejects(refused.opened, { code: "ECONNREFUSED", errno: -111 });
  a.close();
  b.close();
  assert.ok(captured > 600_000, `${captured} bytes`);
  page.leave();
});

test("streams without memory of the reader's do, too", async () => {
  const page = openPage((await bundled).text, { hasByteStreams: false });
  const stack = await page.motetcp.createStack({ wasm: coreBytes() });
  const listener = stack.listen({ port: 7 });
  const client = stack.connect({ hostname: "localhost", port: 7 });
  const { value: server } = await listener.next();
  const all = readAll(server!.readable);
  await writeAll(client.writable, new Uint8Array(200_000));
  assert.equal((await all).length, 200_000);
  const read = client.readable.getReader().read();
  server!.abort();
  await assert.rejects(read, { code: "ECONNRESET" });
  stack.close();
  page.leave();
});

test("virtual time, a switch and a bad cable are there, too", async () => {
  const page = openPage((await bundled).text);
  const { createStack, createSwitch, createVirtualClock, impair, runVirtual } = page.motetcp;
  const clock = createVirtualClock();
  const hub = createSwitch();
  const shared = { clock, loop: false, wasm: coreBytes("esp32") };
  const bad = impair(hub.port(), { loss: 0.1, clock });
  const a = await createStack({ ...shared, link: bad, addresses: ["198.18.0.1/24"] });
  const b = await createStack({ ...shared, link: hub.port(), addresses: ["198.18.0.2/24"] });
  assert.equal(a.profile, "esp32", "the module says which one it is");
  let received = "";
  b.listen({ port: 7 }, (connection) => {
    connection.onReadable = () => {
      const into = new Uint8Array(100);
      const count = connection.read(into);
      if (count > 0) received += String.fromCharCode(...into.subarray(0, count));
    };
  });
  const client = a.connect({ host: "198.18.0.2", port: 7 });
  client.onConnect = () => client.write(text("over the switch"));
  runVirtual({ clock, stacks: [a, b] }, () => received === "over the switch");
  a.close();
  b.close();
  page.leave();
});

/** Serves something under one address while `use` runs. */
async function serve<Result>(
  listener: RequestListener,
  use: (address: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/core.wasm`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const type of ["application/wasm", "application/octet-stream"]) {
  test(`the module comes from a server that calls it ${type}, once for all stacks`, async () => {
    const page = openPage((await bundled).text);
    let asked = 0;
    const served: RequestListener = (_request, response) => {
      asked++;
      response.setHeader("Content-Type", type).end(coreBytes());
    };
    await serve(served, async (address) => {
      const stacks = [
        await page.motetcp.createStack({ wasm: address }),
        await page.motetcp.createStack({ wasm: new URL(address) }),
      ];
      const answered = await page.motetcp.createStack({ wasm: fetch(address) });
      for (const stack of [...stacks, answered]) stack.close();
    });
    assert.equal(asked, 2, "one for the address, one for the response");
    page.leave();
  });
}

const FAILURES: [string, RequestListener, string, RegExp][] = [
  [
    "404",
    (_request, response) => response.writeHead(404).end(),
    "ENOENT",
    /core\.wasm answers 404 .*option wasm/,
  ],
  ["500", (_request, response) => response.writeHead(500).end(), "EIO", /answers 500/],
  ["a page", (_request, response) => response.end("<!doctype html>"), "ENOEXEC", /a page of HTML/],
  ["noise", (_request, response) => response.end("noise"), "ENOEXEC", /no WebAssembly/],
  [
    "half a module",
    (_request, response) => response.end(coreBytes().subarray(0, 99)),
    "ENOEXEC",
    /core\.wasm: /,
  ],
  ["nothing", (request) => request.socket.destroy(), "EIO", /cannot be fetched: .*CORS/],
];

for (const [name, listener, code, message] of FAILURES) {
  test(`a server that answers with ${name}: ${code}, and what to do`, async () => {
    const page = openPage((await bundled).text);
    await serve(listener, (wasm) =>
      assert.rejects(page.motetcp.createStack({ wasm }), { code, message }),
    );
    page.leave();
  });
}

test("a page whose policy forbids WebAssembly is told which words allow it", async () => {
  const page = openPage((await bundled).text, { allowsWasm: false });
  await assert.rejects(page.motetcp.createStack({ wasm: coreBytes() }), {
    code: "EPERM",
    message: /script-src 'wasm-unsafe-eval'/,
  });
  page.leave();
});

test("what is no source of a module, and a profile that is not found by itself, are EINVAL", async () => {
  const page = openPage((await bundled).text);
  const { createStack } = page.motetcp;
  const wasm = 7 as unknown as string;
  await assert.rejects(createStack({ wasm }), { code: "EINVAL", message: /not 7$/ });
  const expected = { code: "EINVAL", message: /only desktop\.wasm is found/ };
  await assert.rejects(createStack({ profile: "tiny" }), expected);
  page.leave();
});
