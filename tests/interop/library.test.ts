// The library, and what firmware of one's own adds, as users have them: compiled outside of the project with nothing but
// what the tools wrote, and run against the kernel.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { test } from "node:test";
import { compile, firmwareFolder, libraryPrefix } from "../boards/support/tools.js";
import { cleanEnvironment, needs } from "../command/support/process.js";
import { fromRoot, readText } from "../static/support/module.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { output } from "./support/programs.js";
import { ADDRESS, DEVICE, startOnTap } from "./support/tapBoard.js";

const options = { skip, timeout: 300_000 };
const OUTSIDE = fromRoot("tests/interop/support/outside.c");
const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/** What pkg-config says of the library, as words. */
async function flagsOf(prefix: string, ...words: string[]): Promise<string[]> {
  const path = `PKG_CONFIG_PATH=${join(prefix, "lib/pkgconfig")}`;
  const text = await output(["env", path, "pkg-config", ...words, "--cflags", "--libs", "motetcp"]);
  return text.trim().split(/\s+/);
}

/** Prototypes of the calls that a profile has. */
function publicNames(header: string): string[] {
  const code = header.replace(/\/\*[^]*?\*\//g, "");
  return [...code.matchAll(/^(?!static )\w[\w *]*?\b(mote_\w+)\([^;{]*\);/gm)].map(
    ([, name]) => name!,
  );
}

async function echoDatagram(text: string): Promise<string> {
  const socket = createSocket("udp4");
  const answer = once(socket, "message") as Promise<[Buffer]>;
  socket.send(text, 7, ADDRESS);
  const [bytes] = await answer;
  socket.close();
  return bytes.toString();
}

for (const profile of ["tiny", "esp32"] as const) {
  for (const kind of ["shared", "static"] as const) {
    test(`library, ${profile}: a program outside of the project, ${kind}`, options, async (t) => {
      if (!needs(t, "pkg-config", "pkg-config")) return;
      const prefix = await libraryPrefix(profile);
      const program = join(prefix, `outside-${kind}`);
      const linking = kind === "static" ? ["-static"] : [];
      const flags = await flagsOf(prefix, ...linking.map((word) => `-${word}`));
      await compile("gcc", "-std=c11", ...WARNINGS, ...linking, OUTSIDE, ...flags, "-o", program);
      const environment = cleanEnvironment({ LD_LIBRARY_PATH: join(prefix, "lib") });
      const board = await startOnTap(t, program, [DEVICE, ADDRESS], environment);
      await board.seen(/^ready\n/);
      const greeting = await output(["nc", "-N", ADDRESS, "13"]);
      assert.equal(greeting, `this is ${profile} at ${ADDRESS}`);
      if (profile === "esp32") assert.equal(await echoDatagram("there and back"), "there and back");
      assert.equal(board.err, "");
    });
  }

  test(`library, ${profile}: exports what its header declares, and no more`, options, async () => {
    const prefix = await libraryPrefix(profile);
    const shared = join(prefix, "lib/libmotetcp.so");
    const lines = (words: string[]) => output(["nm", "--defined-only", ...words]);
    const exported = [...(await lines(["-D", shared])).matchAll(/ T (\S+)/g)].map(
      ([, name]) => name!,
    );
    const archived = await lines(["-g", join(prefix, "lib/libmotetcp.a")]);
    assert.deepEqual(
      [...archived.matchAll(/ [A-Z] (\S+)$/gm)].map(([, name]) => name),
      exported,
    );
    const header = await output(["cat", join(prefix, "include/motetcp.h")]);
    const declared = publicNames(header);
    assert.ok(exported.length > 40);
    for (const name of exported) assert.ok(declared.includes(name), `${name} is not declared`);
    if (profile === "esp32") for (const name of declared) assert.ok(exported.includes(name), name);
    const version = (JSON.parse(readText("package.json")) as { version: string }).version;
    const series = version.split(".").slice(0, 2).join(".");
    const dynamic = await output(["readelf", "-d", shared]);
    assert.ok(dynamic.includes(`soname: [libmotetcp.so.${series}]`), dynamic);
  });

  test(`firmware, ${profile}: the folder with its example is a program`, options, async (t) => {
    const folder = await firmwareFolder(profile);
    const sources = ["core.c", "mote.c", "example/board.c", "example/main.c"];
    const paths = sources.map((path) => join(folder, path));
    const program = join(folder, "mote-echo");
    await compile("gcc", "-std=c11", "-w", "-O1", `-I${folder}`, ...paths, "-o", program);
    const board = await startOnTap(t, program, [DEVICE, ADDRESS]);
    await board.seen(/^echo on /);
    const { digest } = await connectFlow(ADDRESS, 7, { send: 30_000 });
    assert.equal(digest, patternDigest(30_000));
    assert.equal(board.err, "");
  });
}
