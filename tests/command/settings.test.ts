// Defaults from MOTE_... and mote.json: which count, and what is said of those that are wrong.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Command } from "commander";
import { runCommand } from "../../host/command/cli.js";
import { applySettings } from "../../host/command/settings/apply.js";
import { verbs } from "../../host/command/verbs.js";
import { output } from "./support/output.js";

interface Place {
  readonly env?: NodeJS.ProcessEnv;
  /** What mote.json holds; a string as it is. */
  readonly file?: unknown;
}

function folderWith(t: TestContext, file: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-settings-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const text = typeof file === "string" ? file : JSON.stringify(file);
  if (file !== undefined) writeFileSync(join(folder, "mote.json"), text);
  return folder;
}

/** The options that a verb gets. */
function optionsOf(t: TestContext, { env = {}, file }: Place, ...words: string[]): object {
  const { io } = output();
  const program = new Command("mote").exitOverride();
  for (const { name, define } of verbs) {
    define(program.command(name).exitOverride(), io, async () => undefined);
  }
  const command = program.commands.find((each) => each.name() === words[0])!;
  command.action(() => undefined);
  const folder = folderWith(t, file);
  program.hook("preAction", () => {
    applySettings(program, command, { ...io, env, folder });
  });
  program.parse(words, { from: "user" });
  return command.opts();
}

async function complaint(t: TestContext, { env = {}, file }: Place, ...words: string[]) {
  const { io, err } = output();
  const code = await runCommand(words, { ...io, env, folder: folderWith(t, file) });
  assert.equal(code, 2, err());
  return err();
}

test("the command line counts more than the environment, that more than mote.json", (t) => {
  const file = { link: "user", ping: { count: 3, interval: 0.5, size: "8" } };
  const env = { MOTE_PING_COUNT: "4", MOTE_PING_INTERVAL: "2", MOTE_LINK: "tap:a" };
  const options = optionsOf(t, { env, file }, "ping", "198.18.0.1", "-c", "5");
  assert.deepEqual(options, { count: "5", interval: "2", size: "8", link: "tap:a" });
});

test("what is set for one verb counts more than what is set for all", (t) => {
  const file = { address: "198.18.0.2/30", get: { address: "198.18.0.6/30" } };
  assert.match(JSON.stringify(optionsOf(t, { file }, "get", "x")), /198.18.0.6/);
  assert.match(JSON.stringify(optionsOf(t, { file }, "nc", "x", "1")), /198.18.0.2/);
  const env = { MOTE_LINK: "tap:a", MOTE_NC_LINK: "tap:b" };
  assert.match(JSON.stringify(optionsOf(t, { env }, "nc", "x", "1")), /tap:b/);
});

test("a stack that runs, if typed, has no link and address of these settings", (t) => {
  const place = { env: { MOTE_LINK: "tap:a" }, file: { address: "198.18.0.2/30" } };
  assert.deepEqual(optionsOf(t, place, "ping", "x", "--stack"), { stack: true });
});

test("boards and images keep out of what is set for the stacks of this machine", (t) => {
  const place = { env: { MOTE_LINK: "tap:a" }, file: { address: "198.18.0.2/30" } };
  assert.deepEqual(optionsOf(t, place, "flash", "esp32c3"), optionsOf(t, {}, "flash", "esp32c3"));
  assert.deepEqual(optionsOf(t, place, "run-board"), optionsOf(t, {}, "run-board"));
});

test("switches are true or false, what may be given again is a list", (t) => {
  const file = { serve: { "no-control": true, json: false, port: ["hello=1", "http=2"] } };
  assert.deepEqual(optionsOf(t, { file }, "serve"), {
    ...{ control: false, json: false, port: ["hello=1", "http=2"] },
  });
  const env = { MOTE_SERVE_NO_CONTROL: "0", MOTE_SERVE_PORT: "hello=1,http=2" };
  assert.deepEqual(optionsOf(t, { env }, "serve"), { control: true, port: ["hello=1", "http=2"] });
  const typed = optionsOf(t, { file }, "serve", "--port", "echo=3");
  assert.deepEqual((typed as { port: string[] }).port, ["echo=3"]);
});

const wrong: readonly [place: Place, words: string[], says: RegExp][] = [
  [
    { file: { lnk: 1 } },
    ["ping", "x"],
    /mote.json: there is no setting "lnk" \(did you mean link\?\)/,
  ],
  [
    { file: { ping: { conut: 1 } } },
    ["get", "x"],
    /mote ping has no option "conut" \(did you mean count/,
  ],
  [
    { file: { ping: { count: [] } } },
    ["ping", "x"],
    /"count" of "ping" is a word or a number, not \[\]/,
  ],
  [
    { file: { serve: { json: "yes" } } },
    ["serve"],
    /"json" of "serve" is true or false, not "yes"/,
  ],
  [{ file: { get: { force: true } } }, ["get", "x"], /mote get has no option "force"/],
  [{ file: { ping: 3 } }, ["ping", "x"], /"ping" is an object with options of mote ping/],
  [{ file: { link: 3 } }, ["ping", "x"], /--link takes .* not "3" \(--link is from mote.json\)/],
  [
    { file: { ping: { count: 0 } } },
    ["ping", "x"],
    /^mote ping: -c takes .* \(-c is from mote.json\)$/m,
  ],
  [{ file: "{" }, ["ping", "x"], /mote.json is no JSON: /],
  [{ file: [] }, ["ping", "x"], /mote.json is a JSON object, as in \{"link"/],
  [
    { env: { MOTE_PING_CONUT: "1" } },
    ["ping", "x"],
    /MOTE_PING_CONUT: mote ping has no such option \(did you mean MOTE_PING_COUNT/,
  ],
  [
    { env: { MOTE_SERVE_JSON: "perhaps" } },
    ["serve"],
    /MOTE_SERVE_JSON: the value is true or false, not "perhaps"/,
  ],
  [{ env: { MOTE_LINK: "tun:a" } }, ["ping", "x"], /not "tun:a" \(--link is from MOTE_LINK\)/],
];

for (const [place, words, says] of wrong) {
  test(`${JSON.stringify(place)}, mote ${words.join(" ")}: ${says.source}`, async (t) => {
    assert.match(await complaint(t, place, ...words), says);
  });
}

test("an error about what was typed does not speak of settings", async (t) => {
  const place = { env: { MOTE_LINK: "tap:a" } };
  assert.doesNotMatch(await complaint(t, place, "ping", "x", "-c", "0"), /is from/);
  const typed = await complaint(t, place, "ping", "x", "--link", "tun:b");
  assert.match(typed, /not "tun:b"$/m);
});

test("MOTE_CONFIG names a file that has to be there", async (t) => {
  const { io, err } = output();
  const env = { MOTE_CONFIG: "other.json" };
  const folder = folderWith(t, { link: "user" });
  assert.equal(await runCommand(["ping", "x"], { ...io, env, folder }), 1);
  assert.match(err(), /other.json: there is no such file\n {2}MOTE_CONFIG names it/);
});

test("help is printed whatever mote.json says", async (t) => {
  const { io, out } = output();
  const folder = folderWith(t, "{");
  assert.equal(await runCommand(["ping", "--help"], { ...io, folder }), 0);
  assert.match(out(), /Usage: mote ping/);
});
