// The package, installed as anybody installs it, under the oldest Node that it allows and those with long-term
// support: every export, HTTP over motetcp/net, the command.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import http from "node:http";
import { join, relative } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { isKnownFailure } from "../../host/conformance/known.js";
import { install, type Consumer } from "./support/folder.js";
import { provideNode, VERSIONS } from "./support/nodes.js";
import { entryName, fileEntries, manifest, moduleEntries } from "./support/packed.js";
import { environmentFor, run, succeed } from "./support/run.js";

/** Modules that stand for one of Node's. */
const DROP_INS: readonly (readonly [string, string])[] = [
  ["net", "motetcp/net"],
  ["dgram", "motetcp/dgram"],
];

/** What Node itself may say of require() of a module of ES; anything else is a failure. */
const ONLY_ABOUT_REQUIRE =
  /^(\(node:\d+\) ExperimentalWarning: (CommonJS module .* is loading ES Module|require\(\)).*\n|\(Use `node --trace-warnings .*\n)*$/;

let consumer: Consumer;
before(async () => {
  consumer = await install();
});
after(() => consumer?.remove());

/** Everything but what changes the program that imports it. */
const names = [...moduleEntries, ...fileEntries]
  .map(entryName)
  .filter((name) => !/register$/.test(name));

for (const version of VERSIONS) {
  describe(`Node ${version}`, () => {
    let node: string;
    before(async () => {
      node = await provideNode(version);
    });

    const start = (program: string, ...words: string[]) =>
      run(node, [consumer.program(program), ...words], { cwd: consumer.folder, node });

    it("imports every export", async () => {
      const { status, out, err } = await start("exports.mjs", ...names);
      assert.equal(err, "");
      assert.equal(status, 0);
      checkFound(JSON.parse(out) as Found);
    });

    it("requires every export", async (t) => {
      const { status, out, err } = await start("exports.cjs", ...names);
      assert.match(err, ONLY_ABOUT_REQUIRE);
      if (err !== "") t.diagnostic(`require() under Node ${version} says: ${err.trim()}`);
      assert.equal(status, 0);
      checkFound(JSON.parse(out) as Found);
    });

    for (const [own, ours] of DROP_INS) {
      it(`finds in ${ours} the names of its own ${own}`, async () => {
        const { out, err } = await start("keys.cjs", own, ours);
        assert.equal(err, "");
        const found = JSON.parse(out) as { node: string[]; ours: string[] };
        assert.deepEqual(found.ours.sort(), found.node.sort());
      });
    }

    for (const [own, ours] of DROP_INS) {
      it(`finds on the classes of ${ours} what its own ${own} has there`, async () => {
        const { out, err } = await start("methods.cjs", own, ours);
        assert.equal(err, "");
        const { count, lacking } = JSON.parse(out) as { count: number; lacking: string[] };
        assert.ok(count > 20, `${count} methods`);
        assert.deepEqual(lacking, []);
      });
    }

    const hasTypeOfService = Number(version.split(".")[0]) >= 24;
    it(`gives sockets their type of service${hasTypeOfService ? " as its own net" : ""}`, async () => {
      const [ours, own] = await Promise.all([
        start("type-of-service.cjs", "motetcp/net"),
        start("type-of-service.cjs", "net"),
      ]);
      assert.match(ours.err, ONLY_ABOUT_REQUIRE);
      const steps = JSON.parse(ours.out) as unknown[];
      assert.equal(steps.length, 18);
      if (hasTypeOfService) assert.deepEqual(steps, JSON.parse(own.out));
    });

    it("serves and asks HTTP over motetcp/net", async () => {
      const { status, out, err } = await start("http.mjs");
      assert.equal(err, "");
      assert.equal(out, "POST /much 1000000\nclosed\n");
      assert.equal(status, 0);
    });

    it("runs the command through npx", async () => {
      const options = { cwd: consumer.folder, node };
      assert.match(await succeed("npx", ["mote", "--help"], options), /^Usage: mote/);
      assert.equal(await succeed("npx", ["mote", "--version"], options), `${manifest.version}\n`);
    });

    it("runs the packet scripts of the package, of which those fail that are known to", async () => {
      const folder = "node_modules/motetcp/tests/packets";
      const { out } = await run(
        join(consumer.folder, "node_modules/.bin/mote"),
        ["packetdrill", folder, "--json"],
        { cwd: consumer.folder, node },
      );
      const lines = out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as ScriptLine);
      const results = lines.flatMap(({ file, status }) => (file ? [{ file, status }] : []));
      assert.ok(results.length > 1000, `${results.length} scripts`);
      const failed = results.filter(({ status }) => status !== "passed");
      const unknown = failed.filter(({ file }) => !isKnownFailure(relative(folder, file)));
      assert.deepEqual(unknown, []);
    });

    it("serves in user mode until it is told to end", async (t) => {
      assert.match(await askServing(t, consumer.folder, node), /MoteTCP/);
    });
  });
}

interface ScriptLine {
  readonly file?: string;
  readonly status: string;
}

type Found = Record<string, string[] | number>;

function checkFound(found: Found): void {
  assert.deepEqual(Object.keys(found).sort(), [...names].sort());
  for (const [name, what] of Object.entries(found)) {
    assert.ok((Array.isArray(what) ? what.length : what) > 0, `${name} is empty`);
  }
}

/** Starts `mote serve http`, asks for its page, and ends it with SIGINT. */
async function askServing(t: TestContext, cwd: string, node: string): Promise<string> {
  const words = ["serve", "http", "--link", "user", "--port", "http=0", "--json"];
  const mote = spawn(join(cwd, "node_modules/.bin/mote"), words, {
    cwd,
    env: environmentFor({ node }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => mote.kill("SIGKILL"));
  const ended = new Promise<unknown>((resolve) =>
    mote.once("exit", (code, signal) => resolve(code ?? signal)),
  );
  const line = await new Promise<string>((resolve, reject) => {
    mote.stdout.once("data", (bytes) => resolve(String(bytes)));
    void ended.then((code) => reject(new Error(`ended with ${String(code)}`)));
  });
  const { url } = JSON.parse(line.split("\n")[0] ?? "") as { url: string };
  assert.equal(new URL(url).hostname, "127.0.0.1");
  const page = await new Promise<string>((resolve, reject) => {
    http
      .get(url, { agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(text));
      })
      .on("error", reject);
  });
  mote.kill("SIGINT");
  assert.equal(await ended, 0);
  return page;
}
