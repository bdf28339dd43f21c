// `node --import motetcp/register`: programs that know nothing of it print what they print without, and their
// ports are not the system's.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it, type TestContext } from "node:test";
import { linkSettings } from "../../host/register/settings.js";
import { install, type Consumer } from "./support/folder.js";
import { provideNode, VERSIONS } from "./support/nodes.js";
import { environmentFor, run } from "./support/run.js";

const PROGRAMS = ["express-like.cjs", "everything.mjs"];
const REGISTER = ["--import", "motetcp/register"];

let consumer: Consumer;
before(async () => {
  consumer = await install();
});
after(() => consumer?.remove());

for (const version of VERSIONS) {
  describe(`Node ${version}`, () => {
    let node: string;
    before(async () => {
      node = await provideNode(version);
    });

    for (const program of PROGRAMS) {
      it(`runs ${program} as without, and the system knows none of its ports`, async (t) => {
        const place = { cwd: consumer.folder, node };
        const plain = await runUntilDone(t, [consumer.program(program)], place);
        const registered = await runUntilDone(t, [...REGISTER, consumer.program(program)], place);
        assert.deepEqual(registered.lines, plain.lines);
        assert.ok(plain.ports.length > 0);
        if (process.platform !== "linux") return;
        assert.deepEqual(plain.ofTheSystem, plain.ports);
        assert.deepEqual(registered.ofTheSystem, []);
      });
    }

    it("is there in workers and children of the program, too, each with a stack of its own", async () => {
      const words = [...REGISTER, consumer.program("threads.mjs")];
      const { status, out, err } = await run(node, words, { cwd: consumer.folder, node });
      assert.equal(err, "");
      assert.equal(status, 0);
      assert.equal(out, "main connected\nworker: ECONNREFUSED\nchild: ECONNREFUSED\n");
    });

    it("can be required, and warns when http came first", async () => {
      const options = { cwd: consumer.folder, node };
      const early = await run(node, ["-r", "motetcp/register", "-e", "require('http')"], options);
      assert.equal(early.err, "");
      const late = await run(node, ["-e", "require('http');require('motetcp/register')"], options);
      assert.match(
        late.err,
        /\[MOTE_LATE\] MoteTCPWarning: node:http .*--import motetcp\/register/,
      );
    });
  });
}

interface Place {
  readonly cwd: string;
  readonly node: string;
}

interface Done {
  /** What it printed but for its ports. */
  readonly lines: readonly string[];
  readonly ports: readonly number[];
  /** Those of them on which the system listened before the program ended. */
  readonly ofTheSystem: readonly number[];
}

/** Such a program says "done", and ends with its standard input. */
async function runUntilDone(t: TestContext, words: string[], { cwd, node }: Place): Promise<Done> {
  const child = spawn(node, words, {
    cwd,
    env: environmentFor({ node }),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 60_000,
  });
  t.after(() => child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const closed = new Promise((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (/^done$/m.test(out)) resolve();
    });
    void closed.then(() => reject(new Error(`ended early: ${out}${err}`)));
  });
  const [first = "", ...lines] = out.split("\n");
  const { ports } = JSON.parse(first) as { ports: number[] };
  const known = systemPorts();
  const ofTheSystem = ports.filter((port) => known.has(port));
  const before = out.length;
  child.stdin.end("the end\n");
  assert.equal(await closed, 0, err);
  assert.equal(err, "");
  return { lines: [...lines, ...out.slice(before).split("\n")], ports, ofTheSystem };
}

/** Ports on which anybody of this machine's system listens. */
function systemPorts(): Set<number> {
  if (process.platform !== "linux") return new Set();
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFileSync(path, "utf8"));
  const listening = tables
    .join("\n")
    .matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:0000 0A /gm);
  return new Set([...listening].map(([, port = ""]) => Number.parseInt(port, 16)));
}

describe("the environment", () => {
  it("names no link: loopback alone", () => {
    assert.equal(linkSettings({}), null);
  });

  it("names a TAP device: with the usual addresses at both ends", () => {
    assert.deepEqual(linkSettings({ MOTE_LINK: "tap:mote0" }), {
      tapName: "mote0",
      hostAddress: "198.18.0.1/30",
      addresses: ["198.18.0.2/30"],
      router: "198.18.0.1",
      nameServers: [],
    });
  });

  it("names addresses: the host's side is left alone", () => {
    const environment = {
      MOTE_LINK: "tap:mote0",
      MOTE_ADDRESSES: "10.1.2.3/24,10.1.3.3/24",
      MOTE_ROUTER: "10.1.2.1",
      MOTE_NAME_SERVERS: "10.1.2.1,9.9.9.9",
    };
    assert.deepEqual(linkSettings(environment), {
      tapName: "mote0",
      hostAddress: null,
      addresses: ["10.1.2.3/24", "10.1.3.3/24"],
      router: "10.1.2.1",
      nameServers: ["10.1.2.1", "9.9.9.9"],
    });
  });

  it("makes no sense: it says what is missing or wrong", () => {
    const alone = /MOTE_ROUTER is set, and MOTE_LINK is not/;
    assert.throws(() => linkSettings({ MOTE_ROUTER: "10.1.2.1" }), {
      code: "EINVAL",
      message: alone,
    });
    const unknown = /MOTE_LINK=eth0: expected tap:NAME/;
    assert.throws(() => linkSettings({ MOTE_LINK: "eth0" }), { code: "EINVAL", message: unknown });
  });
});
