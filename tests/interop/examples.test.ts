// The examples in C, built as their pages say and run against programs of the kernel's side.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import {
  applicationFolder,
  compile,
  firmwareFolder,
  libraryPrefix,
} from "../boards/support/tools.js";
import { cleanEnvironment, needs, type Running } from "../command/support/process.js";
import { fromRoot, readText } from "../static/support/module.js";
import { waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { output, run } from "./support/programs.js";
import { ADDRESS, DEVICE, KERNEL, startOnTap } from "./support/tapBoard.js";

const options = { skip, timeout: 300_000 };
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const PORT = 5_000;

/** Compiles an example with the library, as its page does; the environment it runs in beside it. */
async function build(
  profile: "tiny" | "esp32",
  name: string,
  sources: string[],
  more: string[] = [],
) {
  const prefix = await libraryPrefix(profile);
  const program = join(prefix, name);
  const path = `PKG_CONFIG_PATH=${join(prefix, "lib/pkgconfig")}`;
  const flags = await output(["env", path, "pkg-config", "--cflags", "--libs", "motetcp"]);
  const paths = sources.map((source) => fromRoot(`examples/${name}/${source}`));
  const words = [...paths, ...flags.trim().split(/\s+/), ...more, "-o", program];
  await compile("gcc", ...WARNINGS, ...words);
  return { program, environment: cleanEnvironment({ LD_LIBRARY_PATH: join(prefix, "lib") }) };
}

/** A server that keeps the lines of each connection. */
async function listen(): Promise<{ server: Server; sockets: Socket[]; lines: string[] }> {
  const sockets: Socket[] = [];
  const lines: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => lines.push(...bytes.toString().split("\n").slice(0, -1)));
  });
  server.listen(PORT, KERNEL);
  await once(server, "listening");
  return { server, sockets, lines };
}

test(
  "reconnect: refused, then connected, closed, reset, and connected again",
  options,
  async (t) => {
    if (!needs(t, "pkg-config", "pkg-config")) return;
    const { program, environment } = await build("tiny", "reconnect", ["reconnect.c", "linux.c"]);
    const words = [DEVICE, ADDRESS, KERNEL, String(PORT)];
    const board = await startOnTap(t, program, words, environment);
    await board.seen(/^no connection: ECONNREFUSED\n/);
    const { server, sockets, lines } = await listen();
    t.after(() => server.close());
    await board.seen(/\nconnected\n/);
    await waitUntil("three lines", () => lines.length >= 3);
    assert.deepEqual(lines.slice(0, 3), ["line 0", "line 1", "line 2"]);
    sockets[0]!.end();
    await board.seen(/no connection: closed by the server\nconnected\n/);
    await waitUntil("a line of the second connection", () => lines.length >= 5);
    sockets[1]!.resetAndDestroy();
    await board.seen(/no connection: ECONNRESET\nconnected\n/);
    await waitUntil("the third connection", () => sockets.length === 3);
    sockets[2]!.destroy();
    assert.equal(board.err, "");
  },
);

test("reconnect: the pauses between tries grow", options, async (t) => {
  if (!needs(t, "pkg-config", "pkg-config")) return;
  const { program, environment } = await build("tiny", "reconnect", ["reconnect.c", "linux.c"]);
  const words = [DEVICE, ADDRESS, KERNEL, String(PORT)];
  const board = await startOnTap(t, program, words, environment);
  const times: number[] = [];
  for (let count = 1; count <= 4; count++) {
    await board.seen(new RegExp(`^(no connection: ECONNREFUSED\n){${count}}`));
    times.push(performance.now());
  }
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  for (const [i, pause] of pauses.entries()) {
    // Half as much would be the one before: a line that is read late makes its pause longer, and the next one shorter.
    assert.ok(pause > 500 * 2 ** (i - 1), `${pause} ms after try ${i + 1}`);
  }
});

test("reconnect: compiles for a board with the main of its page", options, async (t) => {
  if (!needs(t, "arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi")) return;
  const folder = await firmwareFolder("tiny");
  const [, code = ""] = /^```c\n([^]*?)^```/m.exec(readText("examples/reconnect/README.md")) ?? [];
  assert.match(code, /int main\(void\)/);
  writeFileSync(join(folder, "board-main.c"), code);
  t.after(() => compile("rm", join(folder, "board-main.c")));
  const includes = [`-I${folder}`, `-I${fromRoot("examples/reconnect")}`];
  const flags = ["-std=c11", "-mcpu=cortex-m3", "-mthumb", "-Os", ...WARNINGS, ...includes];
  for (const path of [fromRoot("examples/reconnect/reconnect.c"), join(folder, "board-main.c")]) {
    await compile("arm-none-eabi-gcc", ...flags, "-c", path, "-o", join(folder, "object.o"));
  }
});

const PATTERN = (length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => "a".charCodeAt(0) + (i % 26)));

async function makeCertificate(folder: string) {
  const [certificate, key] = ["certificate.pem", "key.pem"].map((name) => join(folder, name));
  const kind = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "30",
  ];
  const name = ["-subj", "/CN=mote", "-addext", `subjectAltName=IP:${ADDRESS}`];
  const files = ["-keyout", key!, "-out", certificate!];
  await output(["openssl", "req", "-x509", ...kind, ...name, ...files]);
  return { certificate: certificate!, key: key! };
}

async function startHttps(t: Parameters<typeof startOnTap>[0]) {
  const libraries = ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"];
  const { program, environment } = await build("esp32", "https", ["main.c"], libraries);
  const files = await makeCertificate(await libraryPrefix("esp32"));
  const words = [DEVICE, ADDRESS, files.certificate, files.key];
  const board: Running = await startOnTap(t, program, words, environment);
  await board.seen(/^https:\/\/198\.18\.0\.2\/\n/);
  const curl = (path: string, ...more: string[]) =>
    run(["curl", "-sS", "--cacert", files.certificate, ...more, `https://${ADDRESS}/${path}`]);
  return { board, curl, certificate: files.certificate };
}

const wanting = (t: Parameters<typeof needs>[0]) =>
  needs(t, "pkg-config", "pkg-config") &&
  needs(t, "openssl", "openssl") &&
  needs(t, "curl", "curl");

test("https: curl trusts it, and gets what it asked for", options, async (t) => {
  if (!wanting(t)) return;
  const { board, curl } = await startHttps(t);
  const page = await curl("");
  assert.deepEqual([page.code, page.err], [0, ""]);
  assert.match(page.out, /^MoteTCP, profile esp32, TLS-ECDHE-ECDSA-WITH-\S+; answer 1\n$/);
  for (const length of [0, 1, 1_024, 100_000]) {
    const { code, out } = await curl(String(length));
    assert.equal(code, 0);
    const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    assert.equal(digest(Buffer.from(out, "latin1")), digest(PATTERN(length)), `${length} bytes`);
  }
  const together = await Promise.all(Array.from({ length: 4 }, (_, i) => curl(String(20_000 + i))));
  for (const [i, { code, out }] of together.entries()) {
    assert.deepEqual([code, out.length], [0, 20_000 + i]);
  }
  assert.equal(board.err, "", "every handshake was completed");
});

test("https: clients that do not trust it, speak no TLS, or hang up", options, async (t) => {
  if (!wanting(t)) return;
  const { board, curl, certificate } = await startHttps(t);
  const distrust = await run(["curl", "-sS", `https://${ADDRESS}/`]);
  assert.equal(distrust.code, 60, "curl: peer certificate cannot be authenticated");
  const plain = connect(443, ADDRESS);
  plain.on("error", () => undefined);
  plain.write("GET / HTTP/1.0\r\n\r\n");
  await new Promise<void>((resolve) => plain.once("close", () => resolve()));
  await waitUntil("the server has told of both", () => board.err.split("\n").length === 3);
  assert.match(board.err, /^(no handshake: .*\n){2}$/);
  // Of one that is reset before it was accepted it does not know.
  await waitUntil("it tells of a reset", async () => {
    const hasty = connect(443, ADDRESS);
    hasty.on("error", () => undefined);
    await new Promise<void>((resolve) => hasty.once("connect", () => resolve()));
    await delay(50);
    hasty.resetAndDestroy();
    await delay(50);
    return /^no handshake: ECONNRESET$/m.test(board.err);
  });
  const verified = ["-CAfile", certificate, "-verify_return_error", "-connect", `${ADDRESS}:443`];
  const client = await run(["openssl", "s_client", "-quiet", ...verified], {
    input: ["GET /26 HTTP/1.0\r\n\r\n"],
  });
  assert.match(client.out, /\r\n\r\nabcdefghijklmnopqrstuvwxyz$/);
  assert.equal((await curl("")).code, 0, "and the next is served");
});

test("sensor page: the module ahead of time, with a pump and nothing else", options, async (t) => {
  if (!needs(t, "curl", "curl")) return;
  const folder = await applicationFolder("sensor-page");
  const program = join(folder, "page");
  const sources = ["core.c", "mote.c", "example/board.c"].map((path) => join(folder, path));
  const includes = [folder, join(folder, "example")].map((path) => `-I${path}`);
  const main = fromRoot("examples/sensor-page/linux.c");
  await compile("gcc", "-w", "-O1", ...includes, ...sources, main, "-o", program);
  const board = await startOnTap(t, program, [DEVICE, ADDRESS]);
  await board.seen(/^http:/);
  for (let i = 0; i < 12; i++) {
    const page = await output(["curl", "-sS", `http://${ADDRESS}/`]);
    assert.match(page, /<h1>2\d\.\d degrees<\/h1><p>Up for \d+ s\.\n$/);
  }
  assert.equal(board.err, "");
});
