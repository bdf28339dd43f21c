// `mote get`: its command line; in user mode from servers of this process, with and without TLS; and over TAP.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { parseGet } from "../../host/command/get/options.js";
import { createGetReport, summaryText } from "../../host/command/get/report.js";
import { progressText } from "../../host/command/progress.js";
import { skip } from "../interop/support/namespace.js";
import { certificateFor } from "./support/certificate.js";
import { mote, sha256, talk, type Netcat } from "./support/netcat.js";
import { output } from "./support/output.js";
import { main } from "./support/process.js";

const options = { timeout: 60_000 };
const onTap = { skip, timeout: 60_000 };
const MEGABYTES = randomBytes(10_000_000);
const HOST = "198.18.0.1";

const wrong: readonly [readonly string[], RegExp][] = [
  [["get"], /missing required argument 'url'/],
  [["get", "ftp://h/"], /URL is one of http or https, not of ftp/],
  [
    ["get", "http://"],
    /URL is one of http or https, as in http:\/\/198\.18\.0\.1\/, not "http:\/\/"/,
  ],
  [["get", "http://[::1]/"], /URL is one of http or https, as in/],
  [["get", "h", "-H", "no header"], /-H takes a header, as in -H 'Accept: text\/html'/],
  [["get", "h", "-L", "--max-redirects", "0"], /--max-redirects takes a whole number from 1 to 50/],
  [["get", "h", "-w", "0"], /-w takes a number from/],
  [["get", "http://localhost/", "--link", "user"], /localhost is the stack itself in user mode/],
  [["get", "h", "--ouput", "x"], /did you mean --output\?/],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(words, io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote get: [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("get --help has options, examples and exit codes, and fits 100 columns", async () => {
  const { io, out } = output();
  assert.equal(await runCommand(["get", "--help"], io), 0);
  assert.match(out(), /^Usage: mote get \[options\] <url>\n/);
  assert.match(out(), /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
  const widths = out()
    .split("\n")
    .map((line) => line.length);
  assert.ok(Math.max(...widths) <= 100, out());
});

test("get: options, as they are given and by default", () => {
  const plain = parseGet("example.test/a?b", {});
  assert.equal(plain.url.href, "http://example.test/a?b");
  assert.deepEqual(plain.station.allow, ["example.test:80/tcp"]);
  assert.deepEqual(
    [plain.redirects, plain.waitMs, plain.head, plain.fail],
    [0, 60_000, false, false],
  );
  const full = parseGet("https://198.18.0.1:8443/", {
    ...{ location: true, maxRedirects: "3", header: ["accept: a/b", "X-Empty:"], link: "user" },
  });
  assert.equal(full.redirects, 3);
  assert.deepEqual(full.headers, [
    ["accept", "a/b"],
    ["X-Empty", ""],
  ]);
  assert.deepEqual(full.station.allow, ["localhost:8443/tcp"]);
});

const times = { lookupMs: 1.25, connectMs: 3.75, tlsMs: 10, firstByteMs: 12 };
const result = {
  ...{ url: "https://h/", status: 200, place: "192.0.2.1:443", redirects: 1 },
  ...{ times, totalMs: 112, bytes: 2_500_000 },
};

test("get: where the time went, in words and as an object", () => {
  assert.equal(
    summaryText(result),
    "200 from 192.0.2.1:443 after 1 redirect: 2.5 MB, 25 MB/s\n" +
      "lookup 1.3 ms, connect 2.5 ms, TLS 6.3 ms, first byte 2.0 ms, body 100.0 ms, total 112.0 ms",
  );
  const { io, out, err } = output();
  createGetReport(io, parseGet("h", { json: true })).done(result);
  assert.equal(out(), "");
  assert.deepEqual(JSON.parse(err()), {
    ...{ event: "get", url: "https://h/", status: 200, place: "192.0.2.1:443", redirects: 1 },
    ...{ bytes: 2_500_000, lookupMs: 1.25, connectMs: 3.75, tlsMs: 10, firstByteMs: 12 },
    ...{ totalMs: 112, bytesPerSecond: 25_000_000 },
  });
  const quiet = output();
  createGetReport(quiet.io, parseGet("h", { silent: true })).done(result);
  assert.equal(quiet.err(), "");
});

test("get: how far it is", () => {
  assert.equal(progressText(34e6, 100e6, 2_000), "34% of 100 MB, 17 MB/s, 3.9 s left");
  assert.equal(progressText(5e6, null, 1_000), "5 MB, 5 MB/s");
  assert.equal(progressText(0, 100, 500), "0% of 100 B, 0 B/s");
});

// A server of this process, and user mode.

async function listenOn(t: TestContext, server: Server, host: string): Promise<number> {
  server.listen(0, host);
  t.after(() => {
    server.close();
    (server as unknown as { closeAllConnections(): void }).closeAllConnections();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const serve = (t: TestContext, answer: RequestListener, host = "127.0.0.1"): Promise<number> =>
  listenOn(t, createServer(answer), host);

const get = (t: TestContext, ...words: string[]): Netcat =>
  mote(t, "get", ...words, "--link", "user");

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-get-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("get: the body to stdout, the times to stderr", options, async (t) => {
  const port = await serve(t, (request, response) => {
    response.setHeader("X-Asked", `${request.method} ${request.url}`);
    response.end(`${request.headers["user-agent"]} ${request.headers["x-mine"]}\n`);
  });
  const url = `http://${HOST}:${port}/a?b=c`;
  const plain = get(t, url, "-H", "X-Mine: yes");
  assert.equal(await plain.ended, 0, plain.err);
  assert.match(plain.text, /^mote\/\d+\.\d+\.\d+ yes\n$/);
  assert.match(
    plain.err,
    /^200 from 198\.18\.0\.1:\d+: \d+ B(, \S+ [kM]?B\/s)?\nlookup [\d.]+ ms, connect [\d.]+ ms, first byte [\d.]+ ms, body [\d.]+ ms, total [\d.]+ ms\n$/,
  );
  const head = get(t, url, "-I", "-s");
  assert.equal(await head.ended, 0);
  assert.match(head.text, /^HTTP\/1\.1 200 OK\r\nX-Asked: HEAD \/a\?b=c\r\n[^]*\r\n\r\n$/);
  assert.equal(head.err, "");
  const both = get(t, url, "-i", "--json");
  assert.equal(await both.ended, 0);
  assert.match(both.text, /^HTTP\/1\.1 200 OK\r\nX-Asked: GET [^]*\r\n\r\nmote\/\S+ undefined\n$/);
  const { status, bytes, tlsMs } = JSON.parse(both.err) as Record<string, unknown>;
  assert.deepEqual([status, typeof bytes, tlsMs], [200, "number", null]);
});

test("get -o: 10 MB into a file, which is not overwritten", options, async (t) => {
  const port = await serve(t, (_request, response) => response.end(MEGABYTES));
  const file = join(folderFor(t), "body");
  const url = `http://${HOST}:${port}/`;
  const first = get(t, url, "-o", file);
  assert.equal(await first.ended, 0, first.err);
  assert.equal(first.text, "");
  assert.equal(sha256(readFileSync(file)), sha256(MEGABYTES));
  writeFileSync(file, "mine");
  const again = get(t, url, "-o", file);
  assert.equal(await again.ended, 1);
  assert.match(again.err, /^mote get: \S+body is there already\n {2}--force overwrites it\n$/);
  assert.equal(readFileSync(file, "utf8"), "mine");
  const forced = get(t, url, "-o", file, "--force");
  assert.equal(await forced.ended, 0);
  assert.equal(sha256(readFileSync(file)), sha256(MEGABYTES));
});

test("get: a reader that takes its time gets everything", options, async (t) => {
  const port = await serve(t, (_request, response) => response.end(MEGABYTES));
  const line = `"$0" ${main} get -s http://${HOST}:${port}/ --link user | (sleep 2; cat)`;
  const shell = talk(t, ["sh", "-c", line, process.execPath]);
  assert.equal(await shell.ended, 0, shell.err);
  assert.equal(sha256(shell.out), sha256(MEGABYTES));
});

test(
  "get -L: redirects, so many and no more, and where user mode lets them",
  options,
  async (t) => {
    const port = await serve(t, (request, response) => {
      const [, left = "0"] = /^\/(\d+)$/.exec(request.url!) ?? [];
      if (request.url === "/away") response.writeHead(302, { Location: "http://192.0.2.7:81/" });
      else if (left !== "0") response.writeHead(301, { Location: `/${Number(left) - 1}` });
      response.end(request.url);
    });
    const at = (path: string) => `http://${HOST}:${port}${path}`;
    const followed = get(t, at("/3"), "-L");
    assert.equal(await followed.ended, 0, followed.err);
    assert.equal(followed.text, "/0");
    assert.match(followed.err, /after 3 redirects: 2 B/);
    const plain = get(t, at("/3"));
    assert.equal(await plain.ended, 0);
    assert.match(plain.err, /^301 from /);
    const many = get(t, at("/3"), "-L", "--max-redirects", "2");
    assert.equal(await many.ended, 1);
    assert.match(many.err, /^mote get: more than 2 redirects, the next to http:\/\/\S+\/0\n$/);
    const away = get(t, at("/away"), "-L");
    assert.equal(await away.ended, 1);
    assert.match(
      away.err,
      /the redirect leads to 192\.0\.2\.7:81, which user mode does not let out\n {2}--allow 192\.0\.2\.7:81 does\n$/,
    );
  },
);

test("get -f: a status that is none to be glad of", options, async (t) => {
  const port = await serve(t, (_request, response) => response.writeHead(404).end("no such page"));
  const url = `http://${HOST}:${port}/`;
  const plain = get(t, url, "-s");
  assert.deepEqual([await plain.ended, plain.text], [0, "no such page"]);
  const failed = get(t, url, "-s", "-f");
  assert.deepEqual([await failed.ended, failed.text], [1, ""]);
  assert.equal(failed.err, "mote get: the server answers 404 Not Found\n");
});

test("get: refused, silent, and cut off", options, async (t) => {
  const refused = get(t, `http://${HOST}:9/`);
  assert.equal(await refused.ended, 1);
  assert.equal(
    refused.err,
    "mote get: 198.18.0.1:9: the peer refused the connection (ECONNREFUSED)\n",
  );
  const port = await serve(t, (request, response) => {
    if (request.url === "/silent") return;
    response.writeHead(200, { "Content-Length": 100 }).write("half of it");
    if (request.url === "/cut") setTimeout(() => response.destroy(), 50);
  });
  const silent = get(t, `http://${HOST}:${port}/silent`, "-w", "3");
  const half = get(t, `http://${HOST}:${port}/half`, "-w", "3");
  assert.equal(await silent.ended, 1);
  assert.match(silent.err, /^mote get: 198\.18\.0\.1:\d+: silence for 3 s \(ETIMEDOUT\)\n$/);
  assert.equal(await half.ended, 1);
  assert.match(half.err, /silence for 3 s \(ETIMEDOUT\); 10 bytes of the body had come\n$/);
  const cut = get(t, `http://${HOST}:${port}/cut`);
  assert.equal(await cut.ended, 1);
  assert.match(cut.err, /^mote get: 198\.18\.0\.1:\d+: [^\n]+; 10 bytes of the body had come\n$/);
  const file = join(folderFor(t), "none", "body");
  const nowhere = get(t, `http://${HOST}:${port}/half`, "-o", file);
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.err, /body cannot be written: ENOENT\n$/);
  assert.equal(existsSync(file), false);
});

test("get: Ctrl-C ends it with 130", options, async (t) => {
  const port = await serve(t, (_request, response) => void response.write("begun"));
  const asked = get(t, `http://${HOST}:${port}/`);
  await asked.hears(/^begun$/);
  asked.child.kill("SIGINT");
  assert.equal(await asked.ended, 130);
});

test("get https: with TLS's time; whom it does not know it refuses", options, async (t) => {
  const certificate = certificateFor(t);
  if (certificate === null) return;
  const secure = createSecureServer({ ...certificate }, (request, response) =>
    response.end(`secret ${request.headers.host}`),
  );
  const port = await listenOn(t, secure, "127.0.0.1");
  const url = `https://${HOST}:${port}/`;
  const file = join(folderFor(t), "ca.pem");
  writeFileSync(file, certificate.ca);
  const command = [process.execPath, main, "get", url, "--link", "user", "--json"];
  const trusted = talk(t, command, { NODE_EXTRA_CA_CERTS: file });
  assert.equal(await trusted.ended, 0, trusted.err);
  assert.equal(trusted.text, `secret ${HOST}:${port}`);
  const { tlsMs, connectMs } = JSON.parse(trusted.err) as { tlsMs: number; connectMs: number };
  assert.ok(tlsMs > connectMs, trusted.err);
  const unknown = get(t, url);
  assert.equal(await unknown.ended, 1);
  assert.match(unknown.err, /^mote get: 198\.18\.0\.1:\d+: self-signed certificate \(DEPTH_ZERO/);
  const insecure = get(t, url, "-k", "-s");
  assert.deepEqual([await insecure.ended, insecure.text], [0, `secret ${HOST}:${port}`]);
});

test("get over TAP: 10 MB from a server of this host", onTap, async (t) => {
  const port = await serve(t, (_request, response) => response.end(MEGABYTES), "0.0.0.0");
  const asked = mote(t, "get", `http://${HOST}:${port}/`);
  assert.equal(await asked.ended, 0, asked.err);
  assert.equal(sha256(asked.out), sha256(MEGABYTES));
  assert.match(asked.err, /^200 from 198\.18\.0\.1:\d+: 10 MB, /);
});
