// The command line: one clear line and exit code 2 for bad words, help and version, the rules for
// ports and addresses. Nothing here opens anything.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { exitCodes } from "../../host/command/exit.js";
import { commandFor, isProxied, renderBanner } from "../../host/command/serve/banner.js";
import { renderEvents } from "../../host/command/serve/lines.js";
import type { Report, ServedPort } from "../../host/command/serve/messages.js";
import { parseServe } from "../../host/command/serve/options.js";
import { renderTable } from "../../host/command/serve/table.js";
import { publishedPort } from "../../host/command/serve/userPlace.js";
import { formatBytes, formatDuration, formatUptime } from "../../host/command/format.js";
import { closest } from "../../host/suggest.js";
import { createPaint } from "../../host/command/style.js";
import { verbs } from "../../host/command/verbs.js";
import { output } from "./support/output.js";

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = output();
  const code = await runCommand(words, io);
  return { code, out: out(), err: err() };
}

const wrong: [words: string[], says: RegExp][] = [
  [[], /say what to do, as in: mote serve/],
  [["sevre"], /unknown command 'sevre' \(did you mean serve\?\)/],
  [["--varsion"], /unknown option '--varsion' \(did you mean --version\?\)/],
  [["serve", "--adress", "1"], /unknown option '--adress' \(did you mean --address\?\)/],
  [["serve", "--unheard-of"], /unknown option '--unheard-of'; mote serve --help/],
  [["help", "nope"], /unknown command 'nope'; mote --help/],
  [["serve", "--port"], /argument missing; mote serve --help/],
  [["serve", "hello", "echo"], /are one list, separated by commas: mote serve hello,echo$/m],
  [["serve", "hello,", "--json", "echo"], /separated by commas: mote serve hello,echo$/m],
  [["serve", "hello", "8080"], /no service is called "8080"/],
  [["serve", "helo"], /no service is called "helo" \(did you mean hello\?\)/],
  [["serve", "ftp"], /no service is called "ftp" \(one of: hello, echo, discard, chargen, http\)/],
  [["serve", "hello,,echo"], /has an empty name/],
  [["serve", ""], /has an empty name/],
  [["serve", "hello,hello"], /hello is named twice/],
  [["serve", "--port", "hello"], /--port takes SERVICE=NUMBER/],
  [["serve", "--port", "hello=65536"], /from 0 to 65535/],
  [["serve", "--port", "hello=-1"], /from 0 to 65535/],
  [["serve", "--port", "hello=8e3"], /from 0 to 65535/],
  [["serve", "--port", "htpp=80"], /did you mean http\?/],
  [["serve", "echo", "--port", "hello=8000"], /hello is not among the services/],
  [["serve", "--port", "hello=1", "--port", "hello=2"], /given twice for hello/],
  [["serve", "--port", "hello=9", "--port", "echo=9"], /cannot both have port 9/],
  [["serve", "--link", "tun:mote0"], /takes tap:NAME, user, qemu:PATH, ws:URL or pcap:FILE, as in/],
  [["serve", "--link", "qemu:"], /needs a path or HOST:PORT, as in qemu:/],
  [["serve", "--link", "pcap:"], /needs the name of a file/],
  [["serve", "--link", "pcap:x"], /needs --address: whose place in the recording the stack takes/],
  [["serve", "--link", "pcap:x", "--address", "dhcp"], /needs --address: whose place/],
  [["serve", "--link", "ws:"], /needs the address of a WebSocket, as in ws:/],
  [["serve", "--link", "ws://"], /needs the address of a WebSocket/],
  [["serve", "--link", "ws:http://x/"], /needs the address of a WebSocket/],
  [["serve", "--link", "tap:"], /1 to 15 characters/],
  [["serve", "--link", "tap:a-name-that-is-too-long"], /1 to 15 characters/],
  [["serve", "--address", "198.18.0"], /takes an IPv4 address/],
  [["serve", "--address", "198.18.0.256"], /takes an IPv4 address/],
  [["serve", "--address", "198.18.0.2/31"], /from 8 to 30/],
  [["serve", "--address", "198.18.0.3/30"], /broadcast address of its block; 198\.18\.0\.2\/30/],
  [["serve", "--address", "127.0.0.1/30"], /not an address that a host can have/],
  [["serve", "--address", "224.0.0.1/24"], /not an address that a host can have/],
  [["serve", "--address", "dhcp", "--link", "user"], /needs a TAP device, as in --link tap:mote0/],
  [["serve", "--address", "dhcp", "--profile", "tiny"], /the tiny profile has no DHCP/],
  [["serve", "--address", "dhcp", "--router", "192.0.2.1"], /the server names the router/],
  [["serve", "--address", "DHPC"], /or dhcp, not "DHPC"/],
  [["serve", "--router", "192.0.2"], /--router takes an IPv4 address, as in --router 198/],
  [["serve", "--router", "224.0.0.1"], /not an address that a host can have/],
  [["serve", "--router", "192.0.2.1", "--link", "user"], /--router needs a TAP device/],
  [["serve", "--host-name", "my mote"], /1 to 63 letters, digits and hyphens/],
  [["serve", "--host-name", "-mote"], /1 to 63 letters, digits and hyphens/],
  [["serve", "--host-name", "x", "--link", "user"], /--host-name needs a TAP device/],
  [["serve", "--host-name", "x", "--profile", "tiny"], /answers for no name/],
  [["serve", "--profile", "dekstop"], /did you mean desktop\?/],
  [["serve", "--pcap", ""], /--pcap takes the name of a file/],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2`, async () => {
    const { code, out, err } = await run(...words);
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err, /^mote( serve)?: [^\n]+\n$/, "one line that names the command");
    assert.match(err, says);
  });
}

test("--help everywhere, with examples and the exit codes; --version", async () => {
  for (const words of [["--help"], ["-h"], ["help"], ["serve", "--help"], ["help", "serve"]]) {
    const { code, out, err } = await run(...words);
    assert.equal(code, 0, words.join(" "));
    assert.equal(err, "");
    assert.match(out, /^Usage: mote/);
    assert.match(out, /Examples:\n {2}mote serve/);
    assert.match(out, /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
    const widest = Math.max(...out.split("\n").map((line) => line.length));
    assert.ok(widest <= 100, `${widest} columns`);
  }
  assert.deepEqual(await run("--version"), { code: 0, out: "1.2.3\n", err: "" });
});

test("the exit codes of the pages are those of the command", () => {
  for (const page of ["guides/serve.md", "reference/command.md"]) {
    const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
    for (const [code, meaning] of exitCodes) {
      assert.ok(text.includes(`| ${code} | ${meaning} |`), `${page} has ${code}: ${meaning}`);
    }
  }
});

test("ports: defaults, asked ones, and a default that makes room", () => {
  const ports = (list: string, ...port: string[]): string =>
    parseServe(list, { port })
      .services.map(({ name, port, asked }) => `${name}=${port}${asked ? "!" : ""}`)
      .join(" ");
  assert.equal(ports("hello,echo,http"), "hello=8000 echo=7 http=8080");
  assert.equal(ports("hello,http", "hello=8080"), "hello=8080! http=8081");
  assert.equal(ports("http,hello", "hello=0"), "http=8080 hello=0!");
  assert.equal(publishedPort(7), 8007);
  assert.equal(publishedPort(1023), 9023);
  assert.equal(publishedPort(1024), 1024);
  assert.equal(publishedPort(8080), 8080);
  assert.equal(publishedPort(0), 0);
});

test("the other options, as they are given and by default", () => {
  const plain = parseServe(undefined, {});
  assert.equal(plain.services.length, 5);
  assert.deepEqual(plain.link, { kind: "auto" });
  assert.equal(plain.address, undefined);
  assert.equal(plain.hostName, "mote");
  assert.equal(parseServe("echo", { profile: "tiny" }).hostName, undefined);
  assert.equal(parseServe("echo", { hostName: "Bench-1.local" }).hostName, "Bench-1");
  assert.equal(parseServe("echo", { address: "dhcp" }).address, "dhcp");
  assert.equal(parseServe("echo", { router: "198.18.0.1" }).router, "198.18.0.1");
  assert.equal(plain.profile, "desktop");
  assert.equal(plain.json, false);
  const full = parseServe("echo", {
    ...{ link: "tap:mote3", address: "198.18.7.2", pcap: "x.pcapng", profile: "tiny", json: true },
  });
  assert.deepEqual(full.link, { kind: "tap", name: "mote3" });
  assert.equal(full.address, "198.18.7.2/30");
  assert.equal(full.pcap, "x.pcapng");
});

const services: ServedPort[] = [
  { name: "hello", port: 8000, hostPort: 8001 },
  { name: "echo", port: 7, hostPort: 8007 },
  { name: "http", port: 8080, hostPort: 8080 },
];
const plain = createPaint({}, {});

test("the first line is the curl to try, the second talks to hello", () => {
  const place = { kind: "user", link: "user mode", address: "127.0.0.1", services } as const;
  const text = renderBanner(
    {
      place: { ...place, stackAddress: "198.18.0.2/30" },
      ...{ reason: "no rights", pcap: "mote.pcapng", profile: "desktop", proxied: false },
    },
    plain,
  );
  const lines = text.split("\n");
  assert.equal(lines[0], "curl http://127.0.0.1:8080/");
  assert.match(lines[1]!, /^printf mote \| nc 127\.0\.0\.1 8001 +# port 8000 of the stack$/);
  assert.match(text, /^echo +nc 127\.0\.0\.1 8007 +# port 7 of the stack$/m);
  assert.match(text, /^link +user mode on 127\.0\.0\.1: the stack \(profile desktop\) has 198/m);
  assert.match(text, /^no TAP +no rights$/m);
  assert.match(text, /^capture +mote\.pcapng$/m);
  assert.match(text, /^stop +Ctrl-C$/m);
});

test("behind a proxy variable curl is told not to use it", () => {
  assert.ok(isProxied({ http_proxy: "http://proxy.example:3128" }));
  assert.ok(isProxied({ ALL_PROXY: "socks5://proxy.example" }));
  assert.ok(!isProxied({ http_proxy: "", https_proxy: "x" }));
  assert.equal(
    commandFor(services[2]!, "127.0.0.1", true),
    "curl --noproxy '*' http://127.0.0.1:8080/",
  );
});

const report: Report = {
  ...{ type: "report", skipped: 0, open: 1, served: 2, received: 5, sent: 13 },
  events: [
    { event: "opened", id: 2, time: 0, service: "hello", remote: "198.18.0.1:4242" },
    {
      ...{ event: "closed", id: 2, time: 0, service: "hello", remote: "198.18.0.1:4242" },
      ...{ received: 4, sent: 12, durationMs: 52.3 },
      states: ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"],
    },
  ],
  rows: [
    {
      ...{ id: 1, service: "echo", remote: "198.18.0.1:4241", state: "ESTABLISHED" },
      ...{ received: 1, sent: 1, since: 0 },
    },
  ],
  closedRows: [
    {
      ...{ id: 2, service: "hello", remote: "198.18.0.1:4242", state: "TIME-WAIT" },
      ...{ received: 4, sent: 12, since: 0, durationMs: 52.3 },
    },
  ],
};

test("one line per event, with bytes, duration and states at the end", () => {
  const [opened, closed, rest] = renderEvents(report).split("\n");
  assert.match(opened!, /^\d\d:\d\d:\d\d\.000 opened hello 198\.18\.0\.1:4242$/);
  assert.match(
    closed!,
    /closed hello 198\.18\.0\.1:4242 in 4 B out 12 B 52 ms ESTABLISHED > FIN-WAIT-1 > FIN-WAIT-2 > TIME-WAIT$/,
  );
  assert.equal(rest, "");
});

test("the table fits the screen it is given, down to the smallest", () => {
  const many = { ...report, open: 80, rows: Array.from({ length: 50 }, () => report.rows[0]!) };
  for (const [columns, rows] of [
    [80, 24],
    [132, 60],
    [40, 8],
    [20, 4],
  ] as const) {
    const lines = renderTable(many, { columns, rows }, plain);
    assert.ok(lines.length <= Math.max(rows, 5), `${lines.length} lines on ${rows}`);
    assert.ok(Math.max(...lines.map((line) => line.length)) <= columns);
  }
  const text = renderTable(report, { columns: 100, rows: 24 }, plain).join("\n");
  assert.match(text, /STATE +SERVICE +REMOTE +IN +OUT/);
  assert.match(text, /ESTABLISHED +echo +198\.18\.0\.1:4241 +1 B +1 B/);
  assert.match(text, /TIME-WAIT +hello +198\.18\.0\.1:4242 +4 B +12 B +\S+ +52 ms/);
  assert.match(text, /1 open · 2 accepted · 5 B in · 13 B out/);
});

test("colours only on a terminal that wants them", () => {
  const escape = "\u001b[1m";
  assert.ok(createPaint({ isTTY: true }, { TERM: "xterm" })("bold", "x").includes(escape));
  assert.equal(createPaint({ isTTY: true }, { TERM: "xterm", NO_COLOR: "1" })("bold", "x"), "x");
  assert.equal(createPaint({ isTTY: true }, { TERM: "dumb" })("bold", "x"), "x");
  assert.equal(createPaint({}, { TERM: "xterm" })("bold", "x"), "x");
});

test("numbers as people read them", () => {
  assert.deepEqual([0, 999, 1_000, 1_234, 99_960, 1e6, 123_456_789].map(formatBytes), [
    ...["0 B", "999 B", "1 kB", "1.23 kB", "100 kB", "1 MB", "123 MB"],
  ]);
  assert.deepEqual([0, 52.3, 1_500, 59_000, 61_000, 3_600_000].map(formatDuration), [
    ...["0 ms", "52 ms", "1.5 s", "59 s", "1 min 1 s", "1 h"],
  ]);
  assert.equal(formatUptime(90_061_000), "1 d 1 h");
  assert.equal(closest("discrad", ["echo", "discard"]), "discard");
  assert.equal(closest("zzz", ["echo", "discard"]), undefined);
});

for (const { name } of verbs) {
  test(`mote ${name} --help has examples, exit codes and --json`, async () => {
    const { code, out } = await run(name, "--help");
    assert.equal(code, 0);
    assert.match(out, /^Examples:\n {2}\S/m);
    assert.match(out, /^Exit codes:\n {2}0 /m);
    // What completion prints is a script.
    if (name !== "completion") assert.match(out, /--json/);
  });
}
