// The status page over a memory link: the three forms, the status codes, keep-alive and pipelining,
// and the bounds that keep slow or large requests from costing more than they may.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stack } from "../../host/core/stack.js";
import { preferredForm } from "../../host/command/services/http/negotiate.js";
import { createMetrics } from "../../host/command/services/http/metrics.js";
import { createHttp, HEAD_MS, IDLE_MS, STALL_MS } from "../../host/command/services/http/server.js";
import { createStatus, type Status } from "../../host/command/services/http/status.js";
import type { ServeConnection } from "../../host/command/services/service.js";
import { openPair, type Client, type Pair } from "./support/pair.js";

function http(stack: Stack): ServeConnection {
  const services = [{ name: "http", port: 8000, hostPort: 8000 }];
  const basis = { version: "1.2.3", link: "tap:mote9", address: "198.18.0.2/30", services };
  const status = createStatus(stack, () => basis);
  return createHttp(stack, { status, metrics: createMetrics(stack) });
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Splits what a client got into responses; a HEAD answer has to be the last. */
function parseAnswers(text: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = text; rest !== "";) {
    const end = rest.indexOf("\r\n\r\n");
    assert.ok(end > 0, `a response has a head: ${rest.slice(0, 80)}`);
    const [line = "", ...fields] = rest.slice(0, end).split("\r\n");
    const headers = new Map(
      fields.map((field) => {
        const colon = field.indexOf(":");
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
      }),
    );
    const status = Number(/^HTTP\/1\.1 (\d{3}) \S/.exec(line)?.[1]);
    const length = Number(headers.get("content-length"));
    const body = rest.slice(end + 4, end + 4 + length);
    answers.push({ status, headers, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

async function ask(request: string): Promise<{ pair: Pair; client: Client; answers: Answer[] }> {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  client.send(request);
  pair.run(100);
  return { pair, client, answers: parseAnswers(client.text) };
}

const HOST = "Host: 198.18.0.2\r\n";

test("curl gets plain text, a browser HTML, a machine JSON", async () => {
  const curl = await ask(`GET / HTTP/1.1\r\n${HOST}User-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n`);
  assert.equal(curl.answers[0]!.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.match(curl.answers[0]!.body, /^MoteTCP 1\.2\.3, profile desktop, up/);
  assert.match(curl.answers[0]!.body, /ESTABLISHED +http +198\.18\.0\.1:\d+/);

  const browser = await ask(
    `GET / HTTP/1.1\r\n${HOST}User-Agent: Mozilla/5.0\r\nAccept: text/html,*/*;q=0.8\r\n\r\n`,
  );
  assert.equal(browser.answers[0]!.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(browser.answers[0]!.body, /^<!doctype html>[^]*ESTABLISHED[^]*<\/html>\n$/);
  assert.doesNotMatch(browser.answers[0]!.body, /(src|href)="https?:/, "nothing from elsewhere");

  const machine = await ask(`GET /json HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(machine.answers[0]!.headers.get("content-type"), "application/json");
  const status = JSON.parse(machine.answers[0]!.body) as Status;
  assert.equal(status.connectionsTotal, 1);
  assert.equal(status.connections[0]!.state, "ESTABLISHED");
  assert.equal(status.counters["tcp_passive_opens"], 1);
  assert.equal(status.pools.find(({ name }) => name === "tcb")!.used, 1);
});

test("the form follows Accept with its qualities, then the user agent", () => {
  const cases: [string | undefined, string | undefined, string][] = [
    [undefined, undefined, "text"],
    ["*/*", "curl/8", "text"],
    ["*/*", "Mozilla/5.0", "html"],
    [undefined, "Mozilla/5.0", "html"],
    ["text/html", "curl/8", "html"],
    ["application/json", "Mozilla/5.0", "json"],
    ["text/html;q=0.2, text/plain;q=0.7", "Mozilla/5.0", "text"],
    ["text/*, application/json;q=0.9", undefined, "text"],
    ["image/png", undefined, "text"],
    ["text/plain;q=0, */*", "curl/8", "html"],
    [";;;q=x,,", undefined, "text"],
  ];
  for (const [accept, agent, form] of cases) {
    assert.equal(preferredForm(accept, agent), form, `${accept} from ${agent}`);
  }
});

test("keep-alive: three requests on one connection, and the next one sees them counted", async () => {
  const { pair, client } = await ask(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  client.send(`GET /json HTTP/1.1\r\n${HOST}\r\n`);
  pair.run(100);
  client.send(`GET /json HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  pair.run(100);
  const answers = parseAnswers(client.text);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(answers[2]!.headers.get("connection"), "close");
  assert.ok(client.ended);
  assert.equal(client.error, "");
});

test("pipelining: many requests in few segments are answered in order", async () => {
  const paths = Array.from({ length: 200 }, (_, index) =>
    index % 2 === 0 ? "/json" : `/no${index}`,
  );
  const { pair, client } = await ask(
    paths.map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(""),
  );
  pair.run(5_000);
  const answers = parseAnswers(client.text);
  assert.equal(answers.length, 200);
  answers.forEach(({ status, body }, index) => {
    assert.equal(status, index % 2 === 0 ? 200 : 404);
    if (index % 2 === 1) assert.ok(body.includes(paths[index]!), "in order");
  });
  assert.ok(!client.ended);
});

test("a request byte by byte, an empty line before it, bare line feeds", async () => {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  for (const letter of `\r\nGET / HTTP/1.1\n${HOST.replace("\r", "")}\n`) {
    client.send(letter);
    pair.run(1);
  }
  pair.run(50);
  assert.equal(parseAnswers(client.text)[0]!.status, 200);
});

test("HTTP/1.0 closes unless it asks to stay; HEAD has no body", async () => {
  const old = await ask("GET / HTTP/1.0\r\n\r\n");
  assert.equal(old.answers[0]!.status, 200);
  assert.ok(old.client.ended);
  const stays = await ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  assert.equal(stays.answers[0]!.headers.get("connection"), "keep-alive");
  assert.ok(!stays.client.ended);
  const head = await ask(`HEAD / HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(head.answers[0]!.status, 200);
  assert.ok(Number(head.answers[0]!.headers.get("content-length")) > 100);
  assert.equal(head.answers[0]!.body, "");
});

const long = "y".repeat(9_000);
const refused: [string, number, string][] = [
  ["no such path", 404, `GET /nothing HTTP/1.1\r\n${HOST}\r\n`],
  ["a form that is sent", 405, `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\na=b`],
  ["another method", 405, `DELETE / HTTP/1.1\r\n${HOST}\r\n`],
  ["OPTIONS *", 405, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
  ["HTTP/0.9", 400, "GET /\r\n\r\n"],
  ["no Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["two Hosts", 400, `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
  ["blank before the colon", 400, `GET / HTTP/1.1\r\n${HOST}X : y\r\n\r\n`],
  ["a folded line", 400, `GET / HTTP/1.1\r\n${HOST}X: y\r\n z\r\n\r\n`],
  ["a NUL", 400, `GET / HTTP/1.1\r\n${HOST}X: \0\r\n\r\n`],
  ["a bare CR", 400, `GET / HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`],
  ["not HTTP at all", 400, "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"],
  ["a target that is no path", 400, `GET nothing HTTP/1.1\r\n${HOST}\r\n`],
  ["a length that is no number", 400, `GET / HTTP/1.1\r\n${HOST}Content-Length: 1,1\r\n\r\n`],
  [
    "two lengths",
    400,
    `GET / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  ["a field that is too large", 431, `GET / HTTP/1.1\r\n${HOST}X: ${long}\r\n\r\n`],
  ["too many fields", 431, `GET / HTTP/1.1\r\n${HOST}${"a: b\r\n".repeat(100)}\r\n`],
  ["a header without end", 431, `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(30_000)}`],
  ["a target that is too long", 414, `GET /${long} HTTP/1.1\r\n${HOST}\r\n`],
  ["HTTP/2", 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
];

for (const [what, status, request] of refused) {
  test(`${what}: ${status}, and the answer is not lost`, async () => {
    const { client, pair } = await ask(request);
    pair.run(20_000);
    const answers = parseAnswers(client.text);
    assert.equal(answers[0]!.status, status);
    assert.equal(client.error, "");
    assert.match(answers[0]!.body, new RegExp(`^${status} `));
    if (status === 405) assert.equal(answers[0]!.headers.get("allow"), "GET, HEAD");
    // A request that has no body and was understood leaves the connection usable.
    const usable = status === 404 || (status === 405 && !request.includes("Length"));
    assert.equal(answers[0]!.headers.get("connection"), usable ? undefined : "close");
    assert.equal(client.ended, !usable);
  });
}

test("absolute form and a query are understood", async () => {
  const absolute = await ask(`GET http://198.18.0.2/json?x=1 HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(absolute.answers[0]!.status, 200);
  assert.equal(absolute.answers[0]!.headers.get("content-type"), "application/json");
});

test("what a client sends appears escaped", async () => {
  const { answers } = await ask(
    `GET /<script>alert(1)</script> HTTP/1.1\r\n${HOST}Accept: text/html\r\n\r\n`,
  );
  assert.equal(answers[0]!.status, 404);
  assert.ok(!answers[0]!.body.includes("<script>alert"));
  assert.ok(answers[0]!.body.includes("&lt;script&gt;alert"));
});

test("a head that trickles in is cut off with 408", async () => {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  for (let ms = 0; ms <= HEAD_MS; ms += 500) {
    client.send("G");
    pair.run(500);
  }
  pair.run(1_000);
  assert.equal(parseAnswers(client.text)[0]!.status, 408);
  assert.ok(client.ended);
});

test("an idle connection is closed without a word", async () => {
  const pair = await openPair({ service: http });
  const client = pair.connect();
  pair.run(IDLE_MS - 1_000);
  assert.ok(!client.ended);
  pair.run(2_000);
  assert.ok(client.ended);
  assert.equal(client.text, "");
});

test("a client that takes nothing is reset, and costs one response at most", async () => {
  const pair = await openPair({ profile: "tiny", service: http });
  const client = pair.connect();
  client.reading = false;
  client.send(`GET /json HTTP/1.1\r\n${HOST}\r\n`.repeat(100));
  pair.run(STALL_MS * 2);
  const left = pair.server.connections().filter(({ state }) => state !== "LISTEN");
  assert.deepEqual(left, []);
});

test("a half-close after the request still gets the whole answer", async () => {
  const pair = await openPair({ profile: "tiny", service: http });
  const client = pair.connect();
  client.send(`GET /json HTTP/1.1\r\n${HOST}\r\n`);
  client.end();
  pair.run(5_000);
  const [answer] = parseAnswers(client.text);
  assert.equal(answer!.status, 200);
  assert.doesNotThrow(() => JSON.parse(answer!.body));
  assert.ok(client.ended);
});
