// nc, get, ping, traceroute and iperf3 with --stack: what they do is done by a `mote serve` that runs, and shows there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { until } from "../host/support/until.js";
import type { Iperf3Document } from "./support/iperf3Document.js";
import { cleanEnvironment, main, startMote, type Running } from "./support/process.js";

interface Serving {
  readonly serving: Running;
  readonly mote: (...words: string[]) => Running;
  readonly env: NodeJS.ProcessEnv;
  /** What netstat shows. */
  netstat(): Promise<string>;
}

async function serve(t: TestContext): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = cleanEnvironment({ XDG_RUNTIME_DIR: folder });
  const ports = ["--port", "echo=0", "--port", "http=8085"];
  const words = ["serve", "echo,http", "--link", "user", ...ports, "--json", "--name", "bench"];
  const serving = startMote(t, words, { env });
  await serving.seen(/"serving"|"address"/);
  const mote = (...asked: string[]): Running => startMote(t, asked, { env });
  const netstat = async (): Promise<string> => {
    const running = mote("netstat", "-a");
    assert.equal(await running.ended, 0, running.err);
    return running.out;
  };
  return { serving, mote, env, netstat };
}

/** The stack's own port of the echo service. */
async function echoPort({ netstat }: Serving): Promise<string> {
  const [, port = ""] = /0\.0\.0\.0:(\d+) .*LISTEN +echo/.exec(await netstat()) ?? [];
  return port;
}

/** Runs a command line with bytes for its stdin. */
function pipe(
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  input: Buffer,
): Promise<{ code: number | null; out: Buffer; err: string }> {
  const child = spawn(process.execPath, [main, ...words], { env });
  const out: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => (err += String(bytes)));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out), err }));
  });
}

const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("nc --stack: megabytes both ways, by a connection of the running stack", async (t) => {
  const stack = await serve(t);
  const port = await echoPort(stack);
  const sent = randomBytes(5_000_000);
  const { code, out, err } = await pipe(
    stack.env,
    ["nc", "-v", "127.0.0.1", port, "--stack"],
    sent,
  );
  assert.equal(code, 0, err);
  assert.equal(sha(out), sha(sent));
  assert.match(err, /the stack is 198\.18\.0\.2 on stack:bench/);
  assert.match(err, /ESTABLISHED -> FIN-WAIT-1 \(USER\)/);
  assert.match(err, /5000000 bytes received, 5000000 bytes sent/);
  assert.match(await stack.netstat(), new RegExp(`127\\.0\\.0\\.1:${port} +TIME-WAIT`));
});

test("nc -l --stack listens at the running stack; nc -k takes one after the other", async (t) => {
  const stack = await serve(t);
  const listening = stack.mote("nc", "-l", "-k", "-v", "5000", "--stack");
  await until(
    () => /listening at 198\.18\.0\.2:5000 on stack:bench/.test(listening.err),
    "listening",
  );
  assert.match(await stack.netstat(), /0\.0\.0\.0:5000 .*LISTEN/);
  for (const word of ["first", "second"]) {
    const words = ["nc", "127.0.0.1", "5000", "--stack=bench", "-w", "5"];
    // Stdin of the listener has ended: it closes its side, and so the conversation ends.
    const { code, err } = await pipe(stack.env, words, Buffer.from(word));
    assert.equal(code, 0, err);
    await listening.seen(new RegExp(word));
  }
  listening.child.kill("SIGINT");
  assert.equal(await listening.ended, 130);
  await until(
    async () => !/:5000 .*LISTEN/.test(await stack.netstat()),
    "the port is free",
    20_000,
  );
});

test("nc -u --stack: datagrams both ways between two that use the running stack, in 65,000 bytes", async (t) => {
  const stack = await serve(t);
  const words = ["nc", "-l", "-u", "-v", "5001", "--stack"];
  const listening = spawn(process.execPath, [main, ...words], { env: stack.env });
  t.after(() => listening.kill("SIGKILL"));
  let [out, err] = ["", ""];
  listening.stdout.on("data", (bytes) => (out += String(bytes)));
  listening.stderr.on("data", (bytes) => (err += String(bytes)));
  const ended = new Promise((resolve) => listening.on("close", resolve));
  await until(() => /listening at 198\.18\.0\.2:5001 on stack:bench/.test(err), "listening");
  assert.match(await stack.netstat(), /udp .*0\.0\.0\.0:5001/);
  listening.stdin.write("answer");
  const sent = randomBytes(65_000).toString("base64").slice(0, 65_000);
  const calling = ["nc", "-u", "-v", "127.0.0.1", "5001", "--ttl", "9", "-w", "3", "--stack"];
  const caller = await pipe(stack.env, calling, Buffer.from(sent));
  assert.equal(caller.code, 0, caller.err);
  assert.equal(String(caller.out), "answer");
  assert.match(caller.err, /datagrams to 127\.0\.0\.1:5001 from 198\.18\.0\.2:\d+/);
  await until(() => out.length >= sent.length, "the datagram");
  listening.kill("SIGINT");
  assert.equal(await ended, 130, err);
  assert.equal(out, sent);
  assert.match(err, /datagrams from 127\.0\.0\.1:\d+/);
  await until(async () => !/:5001/.test(await stack.netstat()), "the port is free");
});

test("nc -u --stack to a port that nobody has, and at one that is taken", async (t) => {
  const stack = await serve(t);
  const refused = ["nc", "-u", "127.0.0.1", "5002", "-w", "5", "--stack"];
  const { code, err } = await pipe(stack.env, refused, Buffer.from("anybody?"));
  assert.equal(code, 1);
  assert.match(err, /127\.0\.0\.1:5002: .*\(ECONNREFUSED\)/);
  const port = await echoPort(stack);
  const taken = stack.mote("nc", "-l", "-u", port, "--stack");
  assert.equal(await taken.ended, 1);
  assert.match(taken.err, new RegExp(`:${port}: .*\\(EADDRINUSE\\)`));
});

test("a client that is killed leaves no connection behind", async (t) => {
  const stack = await serve(t);
  const port = await echoPort(stack);
  const words = [main, "nc", "127.0.0.1", port, "--stack"];
  const child = spawn(process.execPath, words, {
    env: stack.env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.write("there");
  await new Promise((done) => child.stdout.once("data", done));
  assert.match(await stack.netstat(), new RegExp(`127\\.0\\.0\\.1:${port} +ESTABLISHED`));
  child.kill("SIGKILL");
  await until(async () => !/ESTABLISHED/.test(await stack.netstat()), "it was closed", 20_000);
});

test("get --stack, with the steps' times", async (t) => {
  const { mote } = await serve(t);
  const getting = mote("get", "http://127.0.0.1:8085/json", "--stack");
  assert.equal(await getting.ended, 0, getting.err);
  assert.equal((JSON.parse(getting.out) as { link: string }).link, "user mode");
  assert.match(getting.err, /^200 from 127\.0\.0\.1:8085/);
});

test("ping and traceroute --stack ask from where the stack is", async (t) => {
  const { mote } = await serve(t);
  const pinging = mote("ping", "127.0.0.1", "-c", "2", "-i", "0.01", "--stack", "--json");
  assert.equal(await pinging.ended, 0, pinging.err);
  const lines = pinging.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ["ping", "reply", "reply", "statistics"],
  );
  assert.equal(lines[0]!["link"], "stack:bench");
  assert.equal(lines[3]!["received"], 2);
  const tracing = mote("traceroute", "127.0.0.1", "--stack=bench");
  assert.equal(await tracing.ended, 0, tracing.err);
  assert.match(tracing.out, /^ 1 {2}127\.0\.0\.1 {2}\d/m);
  const unreachable = mote("ping", "192.0.2.200", "-c", "1", "--stack");
  assert.equal(await unreachable.ended, 1);
  assert.match(unreachable.err, /192\.0\.2\.200 is on no network of the stack's/);
});

test("iperf3 --stack, both ends at the running stack: lines of both, and they count the same", async (t) => {
  const { mote, netstat } = await serve(t);
  const server = mote("iperf3", "-s", "-1", "--stack");
  await until(
    () => /The server is 198\.18\.0\.2, port 5201, on stack:bench/.test(server.err),
    "it",
  );
  assert.match(await netstat(), /0\.0\.0\.0:5201 .*LISTEN/);
  const words = ["-c", "127.0.0.1", "-n", "20M", "-i", "0.1", "-J"];
  const client = mote("iperf3", ...words, "--stack=bench");
  assert.equal(await client.ended, 0, client.err);
  assert.equal(await server.ended, 0, server.err);
  const { start, intervals, end } = JSON.parse(client.out) as Iperf3Document;
  assert.equal(start.connected[0]!.remote_port, 5201);
  assert.ok(intervals.length > 0);
  assert.equal(end.sum_received.bytes, end.sum_sent.bytes);
  assert.ok(end.sum_sent.bytes >= 20 * 2 ** 20);
  assert.match(server.out, /^Server listening on 5201 \(test #1\)$/m);
  assert.match(server.out, /^Accepted connection from \S+, port \d+$/m);
  assert.match(server.out, / 20\.0 MBytes .* receiver$/m);
  assert.doesNotMatch(await netstat(), /:5201 .*LISTEN/);
});

test("iperf3 --stack: Ctrl-C tells the other end; nobody there, and a port that is taken", async (t) => {
  const { mote, serving } = await serve(t);
  const server = mote("iperf3", "-s", "--stack");
  await until(() => /The server is/.test(server.err), "it");
  const client = mote("iperf3", "-c", "127.0.0.1", "-u", "-t", "100", "-i", "0.1", "--stack");
  await client.seen(/( sec .*\n.*){2}/);
  client.child.kill("SIGINT");
  assert.equal(await client.ended, 130, client.err);
  assert.match(client.out, /\d+\/\d+ \(\d.*%\) {2}sender$/m);
  await until(() => /the client has ended the test/.test(server.err), "the server knows");
  const taken = mote("iperf3", "-s", "--stack");
  assert.equal(await taken.ended, 1);
  assert.match(taken.err, /198\.18\.0\.2:5201: .*in use \(EADDRINUSE\)/);
  const refused = mote("iperf3", "-c", "127.0.0.1", "-p", "999", "--stack");
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /127\.0\.0\.1:999: the peer refused the connection \(ECONNREFUSED\)/);
  const stopped = mote("iperf3", "-s", "-p", "5202", "--stack");
  await until(() => /The server is/.test(stopped.err), "it");
  const left = mote("iperf3", "-c", "127.0.0.1", "-p", "5202", "-u", "-t", "100", "--stack");
  await stopped.seen(/Accepted connection[^]* sec /);
  stopped.child.kill("SIGINT");
  assert.equal(await stopped.ended, 130, stopped.err);
  assert.match(stopped.out, / sec .* receiver$/m);
  assert.equal(await left.ended, 1);
  assert.match(left.err, /127\.0\.0\.1:5202: the server has (ended|closed|terminated)/);
  serving.child.kill("SIGINT");
  assert.equal(await server.ended, 1);
  assert.match(server.err, /mote iperf3: the stack bench has gone\n$/);
});

test("pings without end stop with Ctrl-C, and count what there was", async (t) => {
  const { mote } = await serve(t);
  const pinging = mote("ping", "127.0.0.1", "-i", "0.02", "--stack");
  await pinging.seen(/icmp_seq=3/);
  pinging.child.kill("SIGINT");
  assert.equal(await pinging.ended, 0, pinging.err);
  assert.match(pinging.out, /packets transmitted, \d+ received, 0% packet loss/);
});

test("Ctrl-C ends a datagram's caller, and a request that nobody answers; nothing stays open", async (t) => {
  const { mote, netstat, env } = await serve(t);
  // Its stdin stays open: it hears, and says nothing.
  const silent = spawn(process.execPath, [main, "nc", "-l", "5003", "--stack"], { env });
  t.after(() => silent.kill("SIGKILL"));
  let heard = "";
  silent.stdout.on("data", (bytes) => (heard += String(bytes)));
  await until(async () => /:5003 .*LISTEN/.test(await netstat()), "it listens");
  const getting = mote("get", "http://127.0.0.1:5003/", "--stack");
  await until(() => heard.startsWith("GET / HTTP"), "the request");
  const calling = mote("nc", "-u", "-v", "127.0.0.1", "5004", "--stack");
  await until(() => /datagrams to/.test(calling.err), "it may send");
  assert.match(await netstat(), /udp .*:5004/);
  for (const { child, ended } of [getting, calling]) {
    child.kill("SIGINT");
    assert.equal(await ended, 130);
  }
  silent.kill("SIGINT");
  await until(async () => !/:500[34] (?!.* TIME-WAIT)/.test(await netstat()), "all is closed");
});

test("what keeps a connection from opening, in one line each", async (t) => {
  const { mote, serving } = await serve(t);
  const refused = mote("nc", "127.0.0.1", "999", "--stack");
  assert.equal(await refused.ended, 1);
  assert.match(
    refused.err,
    /^mote nc: 127\.0\.0\.1:999: the peer refused the connection \(ECONNREFUSED\)$/m,
  );
  const taken = mote("nc", "-l", "8085", "--stack");
  assert.equal(await taken.ended, 1);
  assert.match(taken.err, /198\.18\.0\.2:8085: .*in use \(EADDRINUSE\)/);
  const unknown = mote("nc", "127.0.0.1", "7", "--stack=bunch");
  assert.equal(await unknown.ended, 1);
  assert.match(unknown.err, /no stack "bunch" is running \(did you mean bench\?\)/);
  const listening = mote("nc", "-l", "-v", "5001", "--stack");
  await until(() => /listening at/.test(listening.err), "listening", 20_000);
  serving.child.kill("SIGINT");
  assert.equal(await listening.ended, 1);
  assert.match(listening.err, /mote nc: the stack bench has gone\n$/);
});

test("--stack beside what only a stack of one's own has", async (t) => {
  const { mote } = await serve(t);
  for (const [words, says] of [
    [["ping", "x", "--link", "tap:a"], /--link is for a stack of its own, and --stack takes one/],
    [["nc", "x", "1", "--link-delay", "5"], /--link-delay is for a stack of its own/],
    [["get", "http://x/", "--address", "198.18.0.2/30"], /--address is for a stack of its own/],
    [["iperf3", "-s", "--link", "cable:/x"], /--link is for a stack of its own/],
  ] as const) {
    const wrong = mote(...words, "--stack");
    assert.equal(await wrong.ended, 2);
    assert.match(wrong.err, says);
  }
  const name = mote("ping", "x", "--stack=a/b");
  assert.equal(await name.ended, 2);
  assert.match(name.err, /--stack takes the name of a stack, .*not "a\/b"/);
});
