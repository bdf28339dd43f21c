// The control socket of a stack: what it answers, what it refuses, and what it does not let anybody do to it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { connectControl, openStack, runningStacks } from "../../host/control/client.js";
import { createCalls } from "../../host/control/calls.js";
import { createLines, TOO_LONG } from "../../host/control/lines.js";
import { controlFolder, MOST_PATH_BYTES } from "../../host/control/place.js";
import { MOST_REQUEST_BYTES, type CallName } from "../../host/control/protocol.js";
import { serveControl } from "../../host/control/serve.js";
import {
  openControl,
  type ControlServer,
  type OpenControlOptions,
} from "../../host/control/server.js";
import { counterNames, poolNames } from "../../host/core/generated/abi.js";
import type { Stack } from "../../host/core/stack.js";
import { createPair, B } from "./support/pair.js";
import { until } from "./support/until.js";

interface Line {
  readonly id?: number | string | null;
  readonly motetcp?: number;
  readonly name?: string;
  readonly pid?: number;
  readonly version?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A folder of the test's own, as a user's runtime directory is one. */
function runtime(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const pong: OpenControlOptions["ask"] = (_request, reply) => reply({ result: "pong" });

async function open(
  t: TestContext,
  folder: string,
  options: Partial<OpenControlOptions> = {},
): Promise<ControlServer> {
  const server = await openControl({ ask: pong, folder, ...options });
  t.after(() => server.close());
  return server;
}

/** Says all of it, half-closes, and gives the lines that came until the other end closed. */
function talk(path: string, text: string): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    let got = "";
    const socket = connect({ path, allowHalfOpen: true });
    socket.on("data", (bytes) => (got += String(bytes)));
    socket.on("end", () => socket.destroy());
    socket.on("error", reject);
    socket.on("close", () => resolve(got.split("\n").filter(Boolean).map(parseLine)));
    socket.end(text);
  });
}

const parseLine = (line: string): Line => JSON.parse(line) as Line;
const errors = (lines: readonly Line[]) => lines.map(({ id, error }) => [id, error?.code]);

/** A socket file whose process died without a word. */
function leaveBehind(path: string): void {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  assert.equal(spawnSync(process.execPath, ["-e", script]).signal, "SIGKILL");
  assert.ok(lstatSync(path).isSocket());
}

function listen(t: TestContext, path: string, onClient: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onClient);
  t.after(() => server.close());
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

/** Two stacks with a connection between them; the second listens, and has a socket for datagrams. */
async function connected(): Promise<{ stack: Stack; close: () => void }> {
  const pair = await createPair();
  pair.b.listen({ port: 7 }, () => undefined);
  pair.b.bind({ port: 53 }).connect({ address: "198.18.0.1", port: 4053 });
  const connection = pair.a.connect({ host: B, port: 7, localPort: 40_000 });
  pair.run(() => connection.state === "ESTABLISHED" && pair.b.connections().length > 1);
  return { stack: pair.b, close: () => pair.close() };
}

test("control socket: each call answers under its id with what the stack tells", async (t) => {
  const folder = runtime(t);
  const before = process.env["XDG_RUNTIME_DIR"];
  process.env["XDG_RUNTIME_DIR"] = folder;
  t.after(() => {
    if (before === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = before;
  });
  const { stack, close } = await connected();
  t.after(close);
  const services = () => [{ name: "echo", port: 7 }];
  const server = await serveControl(stack, { name: "bench", services });
  t.after(() => server.close());
  assert.equal(server.path, join(folder, "motetcp", "bench.sock"));
  assert.equal(lstatSync(server.path).mode & 0o777, 0o600);
  assert.equal(lstatSync(join(folder, "motetcp")).mode & 0o777, 0o700);

  const client = await openStack(undefined);
  t.after(() => client.close());
  const { motetcp, name, pid, version } = client.greeting;
  assert.deepEqual([motetcp, name, pid], [1, "bench", process.pid]);
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(await client.call("connections"), stack.connections());
  assert.deepEqual(await client.call("pools"), stack.pools());
  assert.deepEqual(await client.call("interfaces"), stack.interfaces());
  assert.deepEqual(await client.call("services"), services());
  assert.deepEqual(Object.keys(await client.call("counters")).sort(), [...counterNames].sort());
  const [socket, ...others] = await client.call("sockets");
  assert.deepEqual(others, []);
  assert.ok(socket!.handle > 0);
  assert.deepEqual(
    { ...socket, handle: 0 },
    {
      ...{ handle: 0, protocol: "udp", localAddress: "0.0.0.0", localPort: 53 },
      ...{ remoteAddress: "198.18.0.1", remotePort: 4053, receiveQueue: 0, sendQueue: 0 },
    },
  );
  const options = await client.call("options");
  assert.equal(options.TTL, stack.getOption("TTL"));
  assert.equal(options.BROADCAST, undefined, "sockets have it, not the stack");
  const info = await client.call("info");
  assert.equal(info.profile, "desktop");
});

test("history is all that the ring has, and takes nothing from who follows it", async (t) => {
  const { stack, close } = await connected();
  t.after(close);
  const call = createCalls(stack, () => []);
  const history = () => {
    const outcome = call("history");
    assert.ok("result" in outcome);
    return outcome.result as { capacity: number; overwritten: number; entries: unknown[] };
  };
  const first = history();
  assert.ok(first.capacity > 0);
  assert.equal(first.overwritten, 0);
  assert.deepEqual(history().entries, first.entries);
  const followed = stack.traces();
  assert.deepEqual(first.entries, followed);
  assert.deepEqual(
    followed.map(({ to }) => to),
    ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"],
  );
  assert.deepEqual(history().entries, followed, "taken by one, and still there for the other");
  assert.deepEqual(stack.traces(), []);
});

test("what is no stack of createStack(), or cannot say who its services are", async (t) => {
  await assert.rejects(serveControl({} as Stack), { code: "ENOTSUP" });
  const { stack, close } = await connected();
  t.after(close);
  const call = createCalls(stack, () => {
    throw Object.assign(new Error("none today"), { code: "EAGAIN" });
  });
  const error = { code: "EAGAIN", message: "none today" };
  assert.deepEqual(call("services"), { error });
  assert.ok("result" in call("info"));
});

test("on tiny there is no history and no socket for datagrams, and both calls say so", async (t) => {
  const pair = await createPair({ profiles: ["desktop", "tiny"] });
  t.after(() => pair.close());
  const call = createCalls(pair.b, () => []);
  const { result } = call("history") as { result: { capacity: number; entries: unknown[] } };
  assert.deepEqual([result.capacity, result.entries], [0, []]);
  assert.deepEqual(call("sockets"), { result: [] });
  for (const name of ["info", "connections", "counters", "pools", "interfaces", "options"]) {
    assert.ok("result" in call(name), name);
  }
});

test("bad lines get an error each, and the connection goes on", async (t) => {
  const { stack, close } = await connected();
  t.after(close);
  const call = createCalls(stack, () => []);
  const ask: OpenControlOptions["ask"] = ({ call: name }, reply) => reply(call(name));
  const { path } = await open(t, join(runtime(t), "motetcp"), { ask });
  const bad = [
    ["nonsense", null, "EPROTO"],
    ["", null, "EPROTO"],
    ["null", null, "EINVAL"],
    ["[1]", null, "EINVAL"],
    ['{"call":"pools"}', null, "EINVAL"],
    ['{"id":{},"call":"pools"}', null, "EINVAL"],
    ['{"id":3,"call":4}', 3, "EINVAL"],
    ['{"id":"four"}', "four", "EINVAL"],
    ['{"id":5,"call":"conections"}', 5, "ENOSYS"],
    ['{"id":6,"call":"toString"}', 6, "ENOSYS"],
    [`{"id":7,"call":"${"x".repeat(1_000)}"}`, 7, "ENOSYS"],
  ] as const;
  const text = bad.map(([line]) => `${line}\n`).join("");
  const [greeting, ...answers] = await talk(path, `${text}{"id":8,"call":"pools","more":true}\n`);
  assert.equal(greeting!.motetcp, 1);
  const last = answers.pop()!;
  assert.deepEqual(
    errors(answers),
    bad.map(([, id, code]) => [id, code]),
  );
  assert.match(answers[8]!.error!.message, /no call "conections" \(did you mean connections\?\)/);
  assert.ok(answers.every(({ error }) => error!.message.length < 400));
  assert.equal(last.id, 8);
  assert.deepEqual(
    (last.result as { name: string }[]).map(({ name }) => name),
    poolNames,
  );
});

test("a line without end is refused at its bound, and the connection ended", async (t) => {
  const { path } = await open(t, join(runtime(t), "motetcp"));
  const start = '{"id":1,"call":"';
  const fits = `${start}${"x".repeat(MOST_REQUEST_BYTES - start.length - 2)}"}`;
  assert.equal(fits.length, MOST_REQUEST_BYTES);
  assert.equal((await talk(path, `${fits}\n`))[1]!.result, "pong");
  assert.deepEqual(errors(await talk(path, `${fits} \n{"id":2,"call":"x"}\n`)).slice(1), [
    [null, "EMSGSIZE"],
  ]);
  assert.deepEqual(errors(await talk(path, "x".repeat(MOST_REQUEST_BYTES + 1))).slice(1), [
    [null, "EMSGSIZE"],
  ]);
  assert.equal((await talk(path, '{"id":3,"call":"x"}\n'))[1]!.id, 3, "others are served");
});

test("lines come out whole, however the bytes come", () => {
  const text = "one\n\nthree äöü\nfour";
  for (let size = 1; size <= text.length; size++) {
    const lines = createLines(20);
    const got: unknown[] = [];
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      lines.push(bytes.subarray(at, at + size));
      for (let line; (line = lines.take()) !== null;) got.push(line);
    }
    assert.deepEqual(got, ["one", "", "three äöü"], `pieces of ${size}`);
  }
  const short = createLines(3);
  short.push(Buffer.from("abc\nabcd"));
  assert.deepEqual([short.take(), short.take()], ["abc", TOO_LONG]);
});

test("a stale socket is removed, but only after nobody has answered there", async (t) => {
  const folder = join(runtime(t), "motetcp");
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, "bench.sock");
  leaveBehind(path);
  const { ino } = lstatSync(path);
  assert.deepEqual(await runningStacks(folder), [], "it does not run");
  assert.equal(lstatSync(path).ino, ino, "who only looks removes nothing");
  const server = await open(t, folder, { name: "bench" });
  assert.deepEqual(await runningStacks(folder), ["bench"]);

  // Whoever listens there, and be it no stack, keeps the name.
  const other = join(folder, "other.sock");
  await listen(t, other, (socket) => socket.destroy());
  for (const name of ["bench", "other"]) {
    const before = lstatSync(join(folder, `${name}.sock`)).ino;
    await assert.rejects(openControl({ name, folder, ask: pong }), {
      code: "EADDRINUSE",
      message: new RegExp(`a stack with the name ${name} is running`),
    });
    assert.equal(lstatSync(join(folder, `${name}.sock`)).ino, before);
  }
  await server.close();
  assert.ok(!existsSync(path), "closing removes it");
});

test("folder and socket of somebody else, or open to others: refused", async (t) => {
  const isRoot = process.geteuid!() === 0;
  const base = runtime(t);
  const folder = join(base, "motetcp");
  mkdirSync(folder, { mode: 0o700 });
  const refuses = async (at: string, code: string, message: RegExp) => {
    await assert.rejects(openControl({ folder: at, ask: pong }), { code, message });
    await assert.rejects(runningStacks(at), { code, message });
    await assert.rejects(connectControl(join(at, "mote.sock")), { code, message });
  };
  const foreign = isRoot ? join(base, "foreign") : "/usr";
  if (isRoot) {
    mkdirSync(foreign, { mode: 0o700 });
    chownSync(foreign, 12_345, 12_345);
  }
  await refuses(foreign, "EPERM", /belongs to somebody else \(user \d+\): refused/);
  chmodSync(folder, 0o711);
  await refuses(folder, "EPERM", /is open to others; run: chmod 700 /);
  chmodSync(folder, 0o700);
  symlinkSync(folder, join(base, "link"));
  await refuses(join(base, "link"), "ENOTDIR", /is no folder/);

  writeFileSync(join(folder, "mote.sock"), "");
  await refuses(folder, "ENOTSOCK", /mote\.sock is no socket/);
  rmSync(join(folder, "mote.sock"));
  leaveBehind(join(folder, "mote.sock"));
  chmodSync(join(folder, "mote.sock"), 0o666);
  await refuses(folder, "EPERM", /mote\.sock is open to others/);
  if (isRoot) {
    chmodSync(join(folder, "mote.sock"), 0o600);
    chownSync(join(folder, "mote.sock"), 12_345, 12_345);
    await refuses(folder, "EPERM", /mote\.sock belongs to somebody else/);
  }
  assert.deepEqual(readdirSync(folder), ["mote.sock"], "and nothing was removed");
});

test("two stacks with one name: the second is refused; without a name it gets the next", async (t) => {
  const folder = join(runtime(t), "motetcp");
  const first = await open(t, folder);
  const second = await open(t, folder);
  assert.deepEqual([first.name, second.name], ["mote", "mote2"]);
  await assert.rejects(openControl({ folder, name: "mote2", ask: pong }), { code: "EADDRINUSE" });
  await assert.rejects(openStack(undefined, folder), {
    code: "EINVAL",
    message: "several stacks are running: mote, mote2; choose with --stack NAME",
  });
  await assert.rejects(openStack("mite", folder), { message: /did you mean mote\?/ });
  const client = await openStack("mote2", folder);
  t.after(() => client.close());
  assert.equal(client.greeting.name, "mote2");
  await first.close();
  assert.equal((await open(t, folder)).name, "mote");
});

test("a client that asks and never reads holds one answer, and is let go after a while", async (t) => {
  const big = "x".repeat(4 * 1024 * 1024);
  let asked = 0;
  const { path } = await open(t, join(runtime(t), "motetcp"), {
    ask(_request, reply) {
      asked++;
      reply({ result: big });
    },
    limits: { clients: 1, stallMs: 3_000 },
  });
  const silent = connect({ path });
  t.after(() => silent.destroy());
  silent.on("error", () => undefined);
  silent.pause();
  // More than one read brings them, so that what waits is bounded, too.
  const request = '{"id":1,"call":"connections"}\n';
  silent.write(request.repeat(20_000));
  await until(() => asked > 0, "the first answer");
  const other = await talk(path, request);
  assert.deepEqual(errors(other).slice(1), [[null, "EBUSY"]], "there is room for one client");
  // Beyond twice as many nobody is even told.
  const turnedAway = await Promise.all([1, 2, 3, 4].map(() => talk(path, "")));
  assert.ok(turnedAway.some((lines) => lines.length === 0));
  assert.equal(asked, 1);
  let answered = false;
  for (const endMs = performance.now() + 20_000; !answered && performance.now() < endMs;) {
    const lines = await talk(path, request).catch(() => []);
    answered = lines.some(({ result }) => result === big);
  }
  assert.ok(answered, "the silent one has made room");
  assert.equal(asked, 2);
});

test("answers that take a while still come in order, and after the client has half-closed", async (t) => {
  const waiting: (() => void)[] = [];
  const { path } = await open(t, join(runtime(t), "motetcp"), {
    ask({ call }, reply) {
      waiting.push(() => reply({ result: call }));
    },
  });
  const got = talk(path, '{"id":1,"call":"a"}\n{"id":2,"call":"b"}\n');
  for (const [index, name] of ["a", "b"].entries()) {
    await until(() => waiting.length > index, name);
    assert.equal(waiting.length, index + 1, "one at a time");
    waiting[index]!();
  }
  assert.deepEqual(
    (await got).slice(1).map(({ id, result }) => [id, result]),
    [
      [1, "a"],
      [2, "b"],
    ],
  );
});

test("clients that go at once, or before their answer: the next one is served", async (t) => {
  const replies: (() => void)[] = [];
  let later = true;
  const { path } = await open(t, join(runtime(t), "motetcp"), {
    ask(_request, reply) {
      if (later) replies.push(() => reply({ result: "late" }));
      else reply({ result: "soon" });
    },
  });
  for (const text of [
    "",
    '{"id":1,"call":"a"}\n',
    '{"id":1,"call":"a"}\n'.repeat(3),
    "x".repeat(20_000),
  ]) {
    for (const wait of [false, true]) {
      const socket = connect({ path }, () => socket.write(text));
      socket.on("error", () => undefined);
      const gone = new Promise((resolve) => socket.once("close", resolve));
      socket.once(wait ? "data" : "connect", () => socket.destroy());
      await gone;
      for (const reply of replies.splice(0)) reply();
    }
  }
  later = false;
  assert.equal((await talk(path, '{"id":2,"call":"b"}\n'))[1]!.result, "soon");
});

test("names and paths that no system takes", async (t) => {
  const folder = join(runtime(t), "motetcp");
  for (const name of ["", "a/b", "..", "-x", "x".repeat(33), "a b"]) {
    await assert.rejects(openControl({ name, folder, ask: pong }), { code: "EINVAL" }, name);
  }
  const room = MOST_PATH_BYTES - `${folder}/.sock`.length - 1;
  const deep = `${folder}/${"d".repeat(room - 4)}`;
  mkdirSync(deep, { recursive: true, mode: 0o700 });
  const longest = await open(t, deep, { name: "abcd" });
  assert.equal(longest.path.length, MOST_PATH_BYTES);
  await assert.rejects(openControl({ name: "abcde", folder: deep, ask: pong }), {
    code: "ENAMETOOLONG",
    message: /a path of 104 bytes, and 103 is what systems take/,
  });
  assert.equal(controlFolder({ XDG_RUNTIME_DIR: "/run/user/7" }), "/run/user/7/motetcp");
  const own = join(tmpdir(), `motetcp-${process.geteuid!()}`);
  for (const env of [{}, { XDG_RUNTIME_DIR: "" }, { XDG_RUNTIME_DIR: "not/absolute" }]) {
    assert.equal(controlFolder(env), own);
  }
});

test("what a client is told: nobody runs, no stack, another version, nobody answers", async (t) => {
  const folder = join(runtime(t), "motetcp");
  await assert.rejects(openStack(undefined, folder), {
    code: "ENOENT",
    message: "no stack is running here; this starts one: mote serve",
  });
  await assert.rejects(openStack("bench", folder), {
    message: /^no stack "bench" is running here/,
  });
  mkdirSync(folder, { mode: 0o700 });
  const say = async (
    name: string,
    text: string,
    code: string,
    message: RegExp,
    patienceMs?: number,
  ) => {
    const path = join(folder, `${name}.sock`);
    await listen(t, path, (socket) => {
      t.after(() => socket.destroy());
      socket.on("error", () => undefined);
      if (text !== "") socket.write(`${text}\n`);
    });
    await assert.rejects(connectControl(path, patienceMs), { code, message });
  };
  const newer = '{"motetcp":2,"name":"x","pid":1,"version":"9.9.9"}';
  await say("newer", newer, "EPROTO", /\(9\.9\.9\) speaks version 2 of the control protocol/);
  await say("other", "hello", "EPROTO", /is no stack/);
  await say("object", "{}", "EPROTO", /is no stack/);
  await say("silent", "", "ETIMEDOUT", /does not answer/, 200);
});

test("the stack goes while it is asked: the call rejects", async (t) => {
  const folder = join(runtime(t), "motetcp");
  let asked = false;
  const server = await open(t, folder, { ask: () => void (asked = true) });
  const client = await openStack("mote", folder);
  const call = client.call("pools" satisfies CallName);
  const rejected = assert.rejects(call, { code: "ECONNRESET", message: /has gone/ });
  await until(() => asked, "the call");
  await server.close();
  await rejected;
  await assert.rejects(client.call("pools"), { code: "ECONNRESET" });
});

test("a process that forgets to close it ends all the same, and leaves nothing behind", (t) => {
  const folder = join(runtime(t), "motetcp");
  const module = new URL("../../host/control/server.js", import.meta.url);
  for (const end of ["", "process.exit(3)"]) {
    const script = `import { openControl } from ${JSON.stringify(String(module))};
      const { path } = await openControl({ folder: ${JSON.stringify(folder)}, ask() {} });
      console.log(path); ${end}`;
    const words = ["--input-type=module", "-e", script];
    const run = spawnSync(process.execPath, words, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.equal(run.status, end === "" ? 0 : 3, run.stderr);
    assert.equal(run.stdout, `${join(folder, "mote.sock")}\n`);
    assert.deepEqual(readdirSync(folder), []);
  }
});
