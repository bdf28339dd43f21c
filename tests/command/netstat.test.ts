// `mote netstat`: what it prints of a `mote serve` that runs, with what differs from run to run replaced; what it says
// where there is nothing to look at; and on virtual time the states and timers that pass too fast to be met.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createCalls } from "../../host/control/calls.js";
import type { CallName, CallResults } from "../../host/control/protocol.js";
import type { Connection } from "../../host/core/connection.js";
import { counterNames, poolNames } from "../../host/core/generated/abi.js";
import type { Stack } from "../../host/core/stack.js";
import { runCommand } from "../../host/command/cli.js";
import type { Look } from "../../host/command/netstat/look.js";
import { parseNetstat, type NetstatWords } from "../../host/command/netstat/options.js";
import { renderLook } from "../../host/command/netstat/tables.js";
import { createPaint } from "../../host/command/style.js";
import { output } from "./support/output.js";
import { openPair, PORT } from "./support/pair.js";
import { cleanEnvironment, startMote, type Running } from "./support/process.js";

/** A place for control sockets of the test's own. */
function ownPlace(t: TestContext): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return cleanEnvironment({ XDG_RUNTIME_DIR: folder });
}

interface Serving {
  readonly control: string | null;
  readonly services: { name: string; port: number }[];
}

interface Served {
  readonly mote: Running;
  readonly first: Serving;
  port(name: string): number;
}

async function serve(
  t: TestContext,
  env: NodeJS.ProcessEnv,
  list: string,
  ...words: string[]
): Promise<Served> {
  const free = list.split(",").flatMap((name) => ["--port", `${name}=0`]);
  const all = ["serve", list, "--link", "user", ...free, "--json", ...words];
  const mote = startMote(t, all, { env });
  const [line] = await mote.seen(/^.*\n/);
  const first = JSON.parse(line) as Serving;
  const port = (name: string) => first.services.find((each) => each.name === name)!.port;
  return { mote, first, port };
}

/** Runs `mote netstat` to its end. */
async function netstat(
  t: TestContext,
  env: NodeJS.ProcessEnv,
  ...words: string[]
): Promise<{ code: number | string; out: string; err: string }> {
  const running = startMote(t, words[0] === "ss" ? words : ["netstat", ...words], { env });
  const code = await running.ended;
  return { code, out: running.out, err: running.err };
}

type Event = Record<string, unknown> & { readonly event: string };

async function netstatJson(t: TestContext, env: NodeJS.ProcessEnv, ...words: string[]) {
  const { code, out, err } = await netstat(t, env, "--json", ...words);
  assert.equal(code, 0, err);
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
}

/** A connection that is open. */
function open(t: TestContext, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    t.after(() => socket.destroy());
    socket.once("error", reject);
  });
}

/** Sends, and resolves with what comes first. */
function ask(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (bytes) => resolve(String(bytes)));
    socket.write(text);
  });
}

/** What differs from run to run: the process, its age, and ports that nobody chose. */
const steady = (text: string) =>
  text
    .replace(/pid \d+/, "pid PID")
    .replace(/up [^)]*\)/, "up TIME)")
    .replace(/(198\.18\.0\.1):\d{5}/g, "$1:PORTS");

test("netstat lists what a running mote serve has, as people know it", async (t) => {
  const env = ownPlace(t);
  const { port, first } = await serve(t, env, "echo,http");
  assert.equal(first.control, "mote");
  const socket = await open(t, port("echo"));
  assert.equal(await ask(socket, "mote"), "mote");
  const golden = [
    "Stack mote (pid PID, profile desktop, 198.18.0.2/30, up TIME)",
    "Proto  Recv-Q  Send-Q  Local Address  Foreign Address   State        Service",
    "tcp         0       0  0.0.0.0:7      0.0.0.0:*         LISTEN       echo",
    "tcp         0       0  0.0.0.0:8080   0.0.0.0:*         LISTEN       http",
    "tcp         0       0  198.18.0.2:7   198.18.0.1:PORTS  ESTABLISHED  echo",
    "udp         0       0  0.0.0.0:7      0.0.0.0:*                      echo",
    "",
  ];
  const { code, out, err } = await netstat(t, env);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(steady(out), golden.join("\n"));
  const listening = await netstat(t, env, "ss", "-tln");
  assert.equal(
    steady(listening.out).replace(/ +/g, " "),
    [...golden.slice(0, 4), ""].join("\n").replace(/ +/g, " "),
    "ss is another name for it, and short options go together",
  );
  const udp = await netstat(t, env, "-u", "--stack", "mote");
  assert.match(udp.out, /^Stack .*\nProto .*\nudp .*\n$/);
});

test("netstat --timers --json: every field of a connection", async (t) => {
  const env = ownPlace(t);
  const { port } = await serve(t, env, "echo");
  assert.equal(await ask(await open(t, port("echo")), "mote"), "mote");
  const [stack, ...events] = await netstatJson(t, env, "--timers");
  assert.equal(stack!.event, "stack");
  assert.equal(stack!["name"], "mote");
  assert.equal(stack!["profile"], "desktop");
  const connection = events.find(({ state }) => state === "ESTABLISHED")!;
  const { localAddress, localPort, remoteAddress, service, proto, rttMs, cwnd } = connection;
  assert.deepEqual(
    { localAddress, localPort, remoteAddress, service, proto },
    {
      ...{ localAddress: "198.18.0.2", localPort: 7, remoteAddress: "198.18.0.1" },
      ...{ service: "echo", proto: "tcp" },
    },
  );
  assert.ok((rttMs as number) > 0 && (rttMs as number) < 1_000, `${rttMs} ms`);
  assert.ok((cwnd as number) > 1_000);
  assert.equal(connection["retransmissions"], 0);
  assert.equal(connection["allRetransmissions"], 0);
  assert.equal(connection["forgotten"], false);
  const { out } = await netstat(t, env, "-o");
  assert.match(out, / State +Timer +Age +RTT +Cwnd +Retrans +Service\n/);
  assert.match(out, / ESTABLISHED +\S.* +[\d.]+ ms +[\d.]+ kB +0\/0 +echo\n/);
});

test("netstat --history shows the states that were too short to be seen", async (t) => {
  const env = ownPlace(t);
  const { port, mote } = await serve(t, env, "hello");
  const socket = await open(t, port("hello"));
  socket.on("end", () => socket.end());
  assert.equal(await ask(socket, "mote"), "hello ->mote");
  await mote.seen(/"event":"closed"/);
  const events = await netstatJson(t, env, "--history");
  const changes = events.filter(({ event }) => event === "change");
  assert.deepEqual(
    changes.map(({ from, to, cause }) => `${from} ${to} ${cause}`),
    [
      "CLOSED LISTEN USER",
      "LISTEN SYN-RECEIVED SYN",
      "SYN-RECEIVED ESTABLISHED ACK",
      "ESTABLISHED FIN-WAIT-1 USER",
      "FIN-WAIT-1 FIN-WAIT-2 ACK",
      "FIN-WAIT-2 TIME-WAIT FIN",
    ],
  );
  assert.deepEqual(events.at(-1), { event: "history", capacity: 4096, overwritten: 0 });
  const { out } = await netstat(t, env, "--history");
  assert.match(
    out,
    /Ago +Local Address +Foreign Address +From +To +Cause +After\n( *\S+ m?s +(0\.0\.0\.0|198\.18\.0\.2):8000 .*\n){6}$/,
  );
  assert.match(out, / FIN-WAIT-2 +TIME-WAIT +FIN +\d/);
  assert.doesNotMatch(out, /Proto/, "the list has to be asked for, too");
});

test("a CLOSE-WAIT that lasts is pointed out with the service that owns it", async (t) => {
  const env = ownPlace(t);
  const { port } = await serve(t, env, "chargen");
  const socket = await open(t, port("chargen"));
  // It has said all, and does not read: chargen waits for room, for a minute.
  socket.pause();
  socket.end();
  const isClosing = ({ state }: Event) => state === "CLOSE-WAIT";
  for (const endMs = performance.now() + 20_000; ;) {
    if ((await netstatJson(t, env)).some(isClosing)) break;
    assert.ok(performance.now() < endMs, "no CLOSE-WAIT within 20 s");
  }
  const early = await netstat(t, env, "--close-wait", "3600");
  assert.match(early.out, /CLOSE-WAIT +chargen\n$/);
  const { out } = await netstat(t, env, "--close-wait", "0");
  assert.match(
    out,
    /\n\nCLOSE-WAIT for \d+ s: 198\.18\.0\.2:19 <- 198\.18\.0\.1:\d+: the peer has closed, the service chargen, which owns it, has not\n$/,
  );
  const events = await netstatJson(t, env, "--close-wait", "0");
  assert.equal(events.find(isClosing)!["forgotten"], true);
});

test("netstat --counters: every drop under its reason, every pool with its high-water mark", async (t) => {
  const env = ownPlace(t);
  const { port } = await serve(t, env, "echo");
  assert.equal(await ask(await open(t, port("echo")), "mote"), "mote");
  const { out, code } = await netstat(t, env, "--counters");
  assert.equal(code, 0);
  for (const name of counterNames) assert.match(out, new RegExp(`^ *[\\d,]+ +${name} `, "m"), name);
  const [dropped, counted] = out.split("Counted") as [string, string];
  assert.match(dropped, /\n +0 +drop_tcp_checksum +TCP checksum\.\n/);
  assert.match(dropped, / tcp_backlog_drops /);
  assert.match(counted, /\n +1 +tcp_passive_opens /);
  for (const name of poolNames) assert.match(out, new RegExp(`^${name} +\\d`, "m"), name);
  assert.match(out, /\nPool +Used +High water +Capacity\ntcb +1 +1 +[\d,]+\n/);
  const events = await netstatJson(t, env, "--counters");
  assert.deepEqual(
    events.map(({ event }) => event),
    ["stack", "counters", ...poolNames.map(() => "pool")],
  );
  const { drops, counters } = events[1] as unknown as Record<string, Record<string, number>>;
  assert.equal(drops!["tcp_checksum"], 0);
  assert.ok(counters!["rx_frames"]! > 0);
  const told = Object.keys(drops!).length + Object.keys(counters!).length;
  assert.equal(told, counterNames.length);
});

test("netstat --watch looks until it is stopped, or the stack has gone", async (t) => {
  const env = ownPlace(t);
  const { mote } = await serve(t, env, "echo");
  const watching = startMote(t, ["netstat", "--watch", "0.1"], { env });
  await watching.seen(/^(Stack mote [^]*\n\n){2}Stack mote/);
  watching.child.kill("SIGINT");
  assert.equal(await watching.ended, 0);
  const second = startMote(t, ["netstat", "-c", "0.1", "--json"], { env });
  await second.seen(/("event":"stack"[^]*){2}/);
  mote.child.kill("SIGTERM");
  assert.equal(await mote.ended, 0);
  assert.equal(await second.ended, 1);
  assert.match(second.err, /^mote netstat: the stack at \S+mote\.sock has gone\n$/);
});

test("none, one, several: which stack is meant, and one clear line where that is not clear", async (t) => {
  const env = ownPlace(t);
  const none = await netstat(t, env);
  assert.deepEqual(none, {
    ...{ code: 1, out: "" },
    err: "mote netstat: no stack is running here; this starts one: mote serve\n",
  });
  const quiet = await serve(t, env, "echo", "--no-control");
  assert.equal(quiet.first.control, null);
  assert.equal((await netstat(t, env)).err, none.err, "it does not want to be seen");

  const first = await serve(t, env, "echo");
  const second = await serve(t, env, "echo");
  const bench = await serve(t, env, "echo", "--name", "bench");
  const names = [first, second, bench].map((served) => served.first.control);
  assert.deepEqual(names, ["mote", "mote2", "bench"]);
  const several = await netstat(t, env);
  assert.deepEqual([several.code, several.out], [1, ""]);
  assert.equal(
    several.err,
    "mote netstat: several stacks are running: bench, mote, mote2; choose with --stack NAME\n",
  );
  for (const name of names) {
    const { out, code } = await netstat(t, env, "--stack", name!);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Stack ${name} `));
  }
  const wrong = await netstat(t, env, "--stack", "bensh");
  assert.equal(wrong.err, 'mote netstat: no stack "bensh" is running (did you mean bench?)\n');

  const again = startMote(t, ["serve", "echo", "--link", "user", "--name", "bench"], { env });
  assert.equal(await again.ended, 1);
  assert.match(again.err, /^mote serve: a stack with the name bench is running: it has \S+\n$/);
  bench.mote.child.kill("SIGKILL");
  await bench.mote.ended;
  const next = await serve(t, env, "echo", "--name", "bench");
  assert.equal(next.first.control, "bench", "the name of a process that died is free");
});

test("where there can be no control socket serve says so, and serves", async (t) => {
  const folder = join(ownPlace(t)["XDG_RUNTIME_DIR"]!, "missing");
  const env = cleanEnvironment({ XDG_RUNTIME_DIR: folder });
  const { mote, first, port } = await serve(t, env, "echo");
  assert.equal(first.control, null);
  assert.match(
    mote.err,
    /^No control socket, so mote netstat will not see it: the folder of control sockets \S+ cannot be made: ENOENT\n$/,
  );
  assert.equal(await ask(await open(t, port("echo")), "mote"), "mote");
});

const wrong: [words: string[], says: RegExp][] = [
  [["netsat"], /unknown command 'netsat' \(did you mean netstat\?\)/],
  [["netstat", "--timer"], /unknown option '--timer' \(did you mean --timers\?\)/],
  [["ss", "--counter"], /^mote netstat: unknown option '--counter' \(did you mean --counters\?\)/],
  [["netstat", "--watch", "never"], /--watch takes a number from 0\.1 to 86400, not "never"/],
  [["netstat", "--watch", "0"], /--watch takes a number from 0\.1/],
  [["netstat", "--close-wait", "-1"], /--close-wait takes a number from 0 to 86400/],
  [["netstat", "--stack", "../x"], /--stack takes the name of a running stack/],
  [["netstat", "mote"], /too many arguments/],
  [["serve", "--name", "a/b"], /--name takes 1 to 32 letters/],
  [["serve", "--name", "x", "--no-control"], /--no-control has none/],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2, with what was meant`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(words, io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^[^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("mote netstat --help and mote help ss: the same page", async () => {
  const pages = [
    ["netstat", "--help"],
    ["help", "ss"],
    ["ss", "-h"],
  ].map(async (words) => {
    const { io, out } = output();
    assert.equal(await runCommand(words, io), 0);
    return out();
  });
  const [page, ...others] = await Promise.all(pages);
  assert.match(page!, /^Usage: mote netstat\|ss \[options\]\n/);
  for (const other of others) assert.equal(other, page);
  const widest = Math.max(...page!.split("\n").map((line) => line.length));
  assert.ok(widest <= 100, `${widest} columns`);
});

/** A look at a stack in this thread. */
function lookAt(stack: Stack, words: NetstatWords): string[] {
  const call = createCalls(stack, () => [{ name: "test", port: PORT }]);
  const get = <Name extends CallName>(name: Name): CallResults[Name] => {
    const outcome = call(name);
    assert.ok("result" in outcome);
    return outcome.result as CallResults[Name];
  };
  const look: Look = {
    greeting: { motetcp: 1, name: "virtual", pid: 1, version: "1.2.3" },
    timeMs: 0,
    info: get("info"),
    interfaces: get("interfaces"),
    services: get("services"),
    connections: get("connections"),
    sockets: get("sockets"),
    history: words.history ? get("history") : null,
    counters: null,
    pools: null,
  };
  return renderLook(look, parseNetstat(words), createPaint({}, {})).slice(1);
}

test("golden: retransmission, persist, TIME-WAIT and delayed acknowledgments on virtual time", async () => {
  const { server, client, run } = await openPair({
    service: () => (connection) => {
      if (connection.remotePort === 50_003) connection.onReadable = () => connection.close();
    },
  });
  const connect = (localPort: number) =>
    client.connect({ host: "198.18.0.2", port: PORT, localPort });
  const [lossy, full, over] = [connect(50_001), connect(50_002), connect(50_003)];
  run(10);
  // Nobody reads what it sends: the window closes, and is probed.
  full!.write(new Uint8Array(64 * 1024));
  over!.shutdown();
  run(5_000);
  server.setLink(0, false);
  lossy!.write(new Uint8Array(7));
  run(1_500);
  assert.deepEqual(lookAt(client, { timers: true, tcp: true }), [
    "Proto  Recv-Q  Send-Q  Local Address     Foreign Address  State        Timer              Age       RTT     Cwnd  Retrans  Service",
    "tcp         0       7  198.18.0.1:50001  198.18.0.2:8000  ESTABLISHED  on 1.5 s         6.5 s  0.001 ms  1.45 kB      3/3",
    "tcp         0       1  198.18.0.1:50002  198.18.0.2:8000  ESTABLISHED  persist 6.3 s    6.5 s      5 ms  20.6 kB      1/4",
    "tcp         0       0  198.18.0.1:50003  198.18.0.2:8000  TIME-WAIT    timewait 53.5 s  6.5 s                           0",
  ]);
  server.setLink(0, true);
  run(5_000);
  lossy!.write(new Uint8Array(7));
  run(5);
  assert.deepEqual(lookAt(server, { timers: true, tcp: true }), [
    "Proto  Recv-Q  Send-Q  Local Address    Foreign Address   State        Timer         Age       RTT     Cwnd  Retrans  Service",
    "tcp         0       0  0.0.0.0:8000     0.0.0.0:*         LISTEN                                                      test",
    "tcp        14       0  198.18.0.2:8000  198.18.0.1:50001  ESTABLISHED  ack 35 ms  11.5 s  0.001 ms  14.5 kB      0/0  test",
    "tcp     65535       0  198.18.0.2:8000  198.18.0.1:50002  ESTABLISHED  off        11.5 s  0.001 ms  14.5 kB      0/0  test",
  ]);
});

test("golden: a simultaneous close goes through CLOSING, and the history has it", async () => {
  const accepted: Connection[] = [];
  const { client, run } = await openPair({
    service: () => (connection) => {
      accepted.push(connection);
    },
  });
  const connection = client.connect({ host: "198.18.0.2", port: PORT, localPort: 50_001 });
  run(10);
  connection.shutdown();
  accepted[0]!.shutdown();
  run(20);
  assert.deepEqual(lookAt(client, { history: true }), [
    "  Ago  Local Address     Foreign Address  From         To           Cause    After",
    "30 ms  198.18.0.1:50001  198.18.0.2:8000  CLOSED       SYN-SENT     USER",
    "30 ms  198.18.0.1:50001  198.18.0.2:8000  SYN-SENT     ESTABLISHED  SYN-ACK   0 ms",
    "20 ms  198.18.0.1:50001  198.18.0.2:8000  ESTABLISHED  FIN-WAIT-1   USER     10 ms",
    "20 ms  198.18.0.1:50001  198.18.0.2:8000  FIN-WAIT-1   CLOSING      FIN       0 ms",
    "20 ms  198.18.0.1:50001  198.18.0.2:8000  CLOSING      TIME-WAIT    ACK       0 ms",
  ]);
});

test("netstat paints only where it is told to, and the columns stay in line", () => {
  const paint = createPaint({ isTTY: true }, { TERM: "xterm" });
  const none = createPaint({ isTTY: true }, { TERM: "xterm", NO_COLOR: "1" });
  const look: Look = {
    greeting: { motetcp: 1, name: "x", pid: 1, version: "1.2.3" },
    timeMs: 0,
    info: { profile: "tiny", hostName: "", uptimeMs: 0, turns: 0 },
    ...{ interfaces: [], services: [], connections: [], sockets: null },
    history: { nowMs: 0, capacity: 0, overwritten: 0, entries: [] },
    counters: null,
    pools: [{ name: "tcb", used: 4, highWater: 4, capacity: 4 }],
  };
  const options = parseNetstat({ history: true, counters: true });
  const plain = renderLook(look, options, none);
  assert.ok(!plain.join("").includes("\u001b"));
  assert.ok(plain.includes("No history: the profile tiny keeps no changes of state."));
  const painted = renderLook(look, options, paint).join("\n");
  assert.ok(painted.includes("\u001b[33m4\u001b[39m"), "a pool that was full stands out");
  assert.equal(painted.replace(/\u001b\[\d+m/g, "").replace(/ +$/gm, ""), plain.join("\n"));
});
