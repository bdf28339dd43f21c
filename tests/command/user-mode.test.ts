// `mote serve` in user mode, as a process: ordinary programs of the host talk to it on 127.0.0.1.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { atBest } from "../static/support/atBest.js";
import { cleanEnvironment, needs, output, startMote, type Running } from "./support/process.js";

/** Just less than what it gives connections to end, three seconds. */
const PATIENCE_MS = 2_500;

interface Serving {
  readonly event: "serving";
  readonly url?: string;
  readonly link: string;
  readonly reason?: string;
  readonly capture: string | null;
  readonly services: { name: string; address: string; port: number; stackPort: number }[];
}

/** Starts with free ports and --json; what it said first. */
async function serve(
  t: TestContext,
  list: string,
  ...words: string[]
): Promise<{ mote: Running; first: Serving; port: (name: string) => number }> {
  const free = list.split(",").flatMap((name) => ["--port", `${name}=0`]);
  const mote = startMote(t, ["serve", list, "--link", "user", ...free, "--json", ...words]);
  const [line] = await mote.seen(/^.*\n/);
  const first = JSON.parse(line) as Serving;
  const port = (name: string): number => first.services.find((each) => each.name === name)!.port;
  return { mote, first, port };
}

function lines(mote: Running): Record<string, unknown>[] {
  return mote.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Sends bytes, half-closes if told, and collects until the end of the stream. */
function talk(port: number, bytes: Buffer | string, halfClose: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.setTimeout(15_000, () => socket.destroy(new Error("no end after 15 s")));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("end", () => {
      socket.end();
      resolve(Buffer.concat(chunks));
    });
    if (halfClose) socket.end(bytes);
    else socket.write(bytes);
  });
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => resolve(socket));
    socket.once("error", reject);
  });
}

async function occupy(t: TestContext, port = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("curl reads the status page, node:http its JSON over keep-alive", async (t) => {
  if (!needs(t, "curl", "curl")) return;
  const { first } = await serve(t, "http");
  const text = await output("curl", "-s", "--noproxy", "*", first.url!);
  assert.match(text, /^MoteTCP \d+\.\d+\.\d+, profile desktop/);
  assert.match(text, /ESTABLISHED +http/);
  const headers = await output("curl", "-sI", "--noproxy", "*", `${first.url!}nothing`);
  assert.match(headers, /^HTTP\/1\.1 404 Not Found\r\n/);

  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const reused: boolean[] = [];
  const fetchJson = (): Promise<{ counters: Record<string, number> }> =>
    new Promise((resolve, reject) => {
      const request = http.get(`${first.url!}json`, { agent }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += String(chunk)));
        response.on("end", () => {
          reused.push(request.reusedSocket);
          resolve(JSON.parse(body));
        });
      });
      request.on("error", reject);
    });
  for (let count = 0; count < 20; count++) {
    assert.ok((await fetchJson()).counters["tcp_segments_in"]! > 0);
  }
  assert.deepEqual(reused, [false, ...Array<boolean>(19).fill(true)], "one connection");
});

test("a scraper gets its metrics from the running command, in the form it asks for", async (t) => {
  const { first } = await serve(t, "http,echo");
  const scrape = (accept: string) => fetch(`${first.url!}metrics`, { headers: { accept } });
  const open = await scrape("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1");
  assert.match(
    open.headers.get("content-type")!,
    /^application\/openmetrics-text; version=1\.0\.0/,
  );
  assert.match(await open.text(), /\nmotetcp_connections\{state="LISTEN"\} 2\n[^]*\n# EOF\n$/);
  const classic = await scrape("text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
  assert.match(classic.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.match(await classic.text(), /^# TYPE motetcp_rx_frames_total counter$/m);
});

for (const profile of ["tiny", "esp32", "desktop"]) {
  test(`all services at once fit ${profile}`, async (t) => {
    const { first } = await serve(t, "hello,echo,discard,chargen,http", "--profile", profile);
    const answer = await fetch(first.url!, { headers: { accept: "text/plain" } });
    assert.match(await answer.text(), new RegExp(`profile ${profile}`));
  });
}

for (const profile of ["tiny", "desktop"]) {
  test(`hello on ${profile}: every size, half-closed and not`, async (t) => {
    const { port } = await serve(t, "hello", "--profile", profile);
    for (const size of [1, 1_023, 1_024, 1_025, 100_000]) {
      const question = Buffer.alloc(size, createHash("sha256").update(`${size}`).digest());
      const whole = Buffer.concat([Buffer.from("hello ->"), question]);
      for (const halfClose of [false, true]) {
        // Between pieces of a long question a busy machine makes pauses, which end it.
        const missing = async () => {
          const answer = await talk(port("hello"), question, halfClose);
          assert.deepEqual(answer, whole.subarray(0, answer.length), `${size}`);
          return whole.length - answer.length;
        };
        await atBest(1, missing, "bytes missing");
      }
    }
  });
}

test("the printed commands work: printf | nc", async (t) => {
  if (!needs(t, "nc", "netcat-openbsd")) return;
  const { port } = await serve(t, "hello,echo,chargen");
  const shell = (line: string): Promise<string> => output("sh", "-c", line);
  assert.equal(await shell(`printf mote | nc 127.0.0.1 ${port("hello")}`), "hello ->mote");
  assert.equal(await shell(`printf mote | nc -N 127.0.0.1 ${port("echo")}`), "mote");
  const generated = await shell(`nc 127.0.0.1 ${port("chargen")} </dev/null | head -n 3`);
  assert.match(generated, /^ !"#\$%[^]*\r\n!"#\$%[^]*\r\n"#\$%/);
});

test("10 MB through echo and discard, byte for byte", async (t) => {
  const { port, mote } = await serve(t, "echo,discard");
  const bytes = Buffer.alloc(10_000_000);
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    bytes.writeUInt32LE((at * 2654435761) >>> 0, at);
  const echoed = await talk(port("echo"), bytes, true);
  assert.equal(Buffer.compare(echoed, bytes), 0);
  assert.equal((await talk(port("discard"), bytes, true)).length, 0);
  await mote.seen(/"event":"closed"[^\n]*"service":"discard"[^\n]*"received":10000000/);
});

test("ports: below 1024 at + 8000, a taken default moves on, the map is the real one", async (t) => {
  const taken = await occupy(t, 8080).catch(() => 8080);
  const mote = startMote(t, ["serve", "echo,http", "--link", "user", "--json"]);
  const [line] = await mote.seen(/^.*\n/);
  const { services, url } = JSON.parse(line) as Serving;
  const echo = services.find(({ name }) => name === "echo")!;
  const page = services.find(({ name }) => name === "http")!;
  assert.equal(echo.stackPort, 7);
  assert.ok(echo.port >= 8007 && echo.port < 8107, `echo is on ${echo.port}`);
  assert.equal(page.stackPort, 8080);
  assert.ok(page.port > taken && page.port < taken + 100, `http is on ${page.port}`);
  assert.equal(url, `http://127.0.0.1:${page.port}/`);
  assert.equal(String(await talk(echo.port, "mote", true)), "mote");
});

test("a port that was asked for and is taken: exit code 1, in plain words", async (t) => {
  const taken = await occupy(t);
  const mote = startMote(t, ["serve", "http", "--link", "user", "--port", `http=${taken}`]);
  assert.equal(await mote.ended, 1);
  assert.equal(mote.out, "");
  const [line, hint] = mote.err.split("\n");
  assert.match(
    line!,
    new RegExp(`^mote serve: port ${taken} of 127\\.0\\.0\\.1, asked for http, is`),
  );
  assert.match(hint!, /--port http=0/);
});

test("a capture that cannot be written: exit code 1; one that can holds the frames", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const words = ["serve", "hello", "--link", "user", "--port", "hello=0", "--pcap"];
  const refused = startMote(t, [...words, join(folder, "no", "such.pcapng")]);
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /^mote serve: [^\n]*such\.pcapng[^\n]*\n/);

  const file = join(folder, "mote.pcapng");
  const { mote, port, first } = await serve(t, "hello", "--pcap", file);
  assert.equal(first.capture, file);
  await talk(port("hello"), "needle", true);
  mote.child.kill("SIGTERM");
  assert.equal(await mote.ended, 0);
  const capture = readFileSync(file);
  assert.equal(capture.readUInt32LE(0), 0x0a0d0d0a);
  assert.ok(capture.includes("hello ->needle"));

  const again = startMote(t, [...words, file]);
  assert.equal(await again.ended, 1);
  assert.match(again.err, /mote\.pcapng is there already, and nothing is overwritten\n {2}--force/);
  assert.deepEqual(readFileSync(file), capture);
  const forced = startMote(t, [...words, file, "--force"]);
  await forced.seen(/^stop +Ctrl-C\n/m);
  forced.child.kill("SIGTERM");
  assert.equal(await forced.ended, 0);
  assert.ok(!readFileSync(file).includes("needle"));
});

test("piped: the first line is the curl, then one line per event", async (t) => {
  const mote = startMote(t, ["serve", "hello,http", "--link", "user", "--port", "hello=0"]);
  await mote.seen(/^stop +Ctrl-C\n/m);
  assert.match(mote.out, /^curl http:\/\/127\.0\.0\.1:\d+\/\n?/);
  const port = Number(/^printf mote \| nc 127\.0\.0\.1 (\d+)/m.exec(mote.out)![1]);
  await talk(port, "mote", true);
  await mote.seen(/^\d\d:\d\d:\d\d\.\d{3} opened hello \S+\n/m);
  await mote.seen(/^\d\d:\d\d:\d\d\.\d{3} closed hello \S+ in 4 B out 12 B .*ESTABLISHED > .*\n/m);
  assert.ok(!mote.out.includes("\u001b"), "no colours in a pipe");
});

test("with a proxy variable the curl line goes around it", async (t) => {
  const env = cleanEnvironment({ http_proxy: "http://127.0.0.1:9" });
  const mote = startMote(t, ["serve", "http", "--link", "user"], { env });
  const [line] = await mote.seen(/^.*\n/);
  assert.match(line, /^curl --noproxy '\*' http:\/\/127\.0\.0\.1:\d+\/\n$/);
});

test("--json: every line parses; opened and closed belong together", async (t) => {
  const { mote, port, first } = await serve(t, "hello,echo");
  assert.equal(first.event, "serving");
  assert.equal(first.link, "user");
  await talk(port("hello"), "mote", true);
  await talk(port("echo"), "mote", true);
  await mote.seen(/"event":"closed"[^\n]*\n[^]*"event":"closed"[^\n]*\n/);
  mote.child.kill("SIGINT");
  assert.equal(await mote.ended, 0);
  const events = lines(mote);
  const of = (event: string): Record<string, unknown>[] =>
    events.filter((e) => e["event"] === event);
  assert.deepEqual(
    of("opened").map(({ id }) => id),
    [1, 2],
  );
  assert.deepEqual(
    of("closed")
      .map(({ id }) => id)
      .sort(),
    [1, 2],
  );
  for (const closed of of("closed")) {
    assert.equal((closed["states"] as string[])[0], "ESTABLISHED");
    assert.ok((closed["durationMs"] as number) >= 0);
    assert.equal(closed["received"], 4);
  }
  assert.equal(events.at(-1)!["event"], "stopped");
  assert.equal(events.at(-1)!["cut"], 0);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal}: listeners close, connections get their FIN, exit code 0`, async (t) => {
    await atBest(PATIENCE_MS, async () => {
      const { mote, port } = await serve(t, "echo");
      const socket = await open(port("echo"));
      t.after(() => socket.destroy());
      const ended = new Promise<string>((resolve) => {
        socket.once("end", () => resolve("end"));
        socket.once("error", (error) => resolve(error.message));
      });
      socket.write("mote");
      await mote.seen(/"event":"opened"/);
      await new Promise((resolve) => socket.once("data", resolve));
      const before = performance.now();
      mote.child.kill(signal);
      assert.equal(await ended, "end");
      assert.equal(await mote.ended, 0);
      const tookMs = performance.now() - before;
      if (tookMs > PATIENCE_MS) return tookMs;
      assert.equal(lines(mote).at(-1)!["cut"], 0);
      await assert.rejects(open(port("echo")), /ECONNREFUSED/);
      return tookMs;
    });
  });
}

test("a peer that does not close: cut off after three seconds, and said so", async (t) => {
  const { mote, port } = await serve(t, "echo");
  const socket = connect({ port: port("echo"), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  t.after(() => socket.destroy());
  await mote.seen(/"event":"opened"/);
  const before = performance.now();
  mote.child.kill("SIGINT");
  assert.equal(await mote.ended, 0);
  const tookMs = performance.now() - before;
  assert.ok(tookMs > PATIENCE_MS && tookMs < 15_000, `${tookMs} ms`);
  assert.equal(lines(mote).at(-1)!["cut"], 1);
});

test("a second Ctrl-C ends it at once with 130", async (t) => {
  await atBest(1_000, async () => {
    const { mote, port } = await serve(t, "echo");
    const socket = connect({ port: port("echo"), host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    await mote.seen(/"event":"opened"/);
    mote.child.kill("SIGINT");
    await mote.seen(/"event":"stopping"/);
    const before = performance.now();
    mote.child.kill("SIGINT");
    const code = await mote.ended;
    const tookMs = performance.now() - before;
    // Held up for three seconds it is over by itself.
    if (tookMs < PATIENCE_MS) assert.equal(code, 130);
    return tookMs;
  });
});

test("the reader of stdout goes away: it stops in good order", async (t) => {
  const mote = startMote(t, ["serve", "hello", "--link", "user", "--port", "hello=0"]);
  await mote.seen(/^stop +Ctrl-C\n/m);
  mote.child.stdout!.destroy();
  await talk(Number(/nc 127\.0\.0\.1 (\d+)/.exec(mote.out)![1]), "mote", true);
  assert.equal(await mote.ended, 0);
  assert.equal(mote.err, "");
});

test("idle, it sleeps: no processor time", async (t) => {
  const { mote } = await serve(t, "hello,echo,discard,chargen,http");
  const cpuTicks = (): number => {
    const fields = readFileSync(`/proc/${mote.child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  if (process.platform !== "linux") return;
  await delay(500);
  const usedInASecond = async () => {
    const before = cpuTicks();
    await delay(1_000);
    return cpuTicks() - before;
  };
  await atBest(3, usedInASecond, "ticks of 10 ms in a second");
});
