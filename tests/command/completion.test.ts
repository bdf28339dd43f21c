// Completion as the shells do it: the printed script is read by each of them, and asked for what follows.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { verbs } from "../../host/command/verbs.js";
import { output } from "./support/output.js";
import { needs } from "./support/process.js";

async function script(shell: string): Promise<string> {
  const { io, out } = output();
  assert.equal(await runCommand(["completion", shell], io), 0);
  return out();
}

/** What bash offers for the last of the words. */
function bash(text: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _mote; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const found = execFileSync("bash", ["--norc", "-c", `${text}\n${ask}`], { encoding: "utf8" });
  return found.split("\n").filter((line) => line !== "");
}

test("bash completes verbs, options and values, each from the command tree", async () => {
  const text = await script("bash");
  const first = bash(text, ["mote", ""]);
  for (const { name, aliases = [] } of verbs) {
    for (const word of [name, ...aliases]) assert.ok(first.includes(word), word);
  }
  assert.ok(first.includes("--version"));
  assert.deepEqual(bash(text, ["mote", "trace"]), ["traceroute"]);
  assert.deepEqual(bash(text, ["mote", "serve", "--link-"]), []);
  assert.deepEqual(bash(text, ["mote", "nc", "--link-"]), ["--link-delay"]);
  assert.deepEqual(bash(text, ["mote", "serve", "--profile", ""]), ["tiny", "esp32", "desktop"]);
  assert.deepEqual(bash(text, ["mote", "run-board", "--profile", ""]), ["tiny", "esp32"]);
  assert.deepEqual(bash(text, ["mote", "ping", "--link", ""]), ["tap:", "qemu:", "ws:"]);
  assert.deepEqual(bash(text, ["mote", "ss", "--wat"]), ["--watch"]);
  assert.deepEqual(bash(text, ["mote", "serve", "--profile", "=", "e"]), ["esp32"]);
  assert.deepEqual(bash(text, ["mote", "completion", "f"]), ["fish"]);
  assert.deepEqual(bash(text, ["mote", "help", "traceroute"]), ["traceroute"]);
  assert.ok(bash(text, ["mote", "ping", "-c", ""]).length === 0, "a number is nobody's to guess");
});

test("bash completes files where a file is meant, and options beside them", async () => {
  const text = `cd /\n${await script("bash")}`;
  assert.ok(bash(text, ["mote", "serve", "--pcap", "et"]).includes("etc"));
  assert.ok(bash(text, ["mote", "replay", "et"]).includes("etc"));
  assert.deepEqual(bash(text, ["mote", "replay", "--unt"]), ["--until"]);
});

test("zsh reads its script and knows whom it completes", async (t) => {
  if (!needs(t, "zsh", "zsh")) return;
  const text = await script("zsh");
  const ask = `autoload -U compinit; compinit -u -D\n${text}\nprint $_comps[mote] $_comps[motetcp]`;
  const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", ask], { encoding: "utf8" });
  assert.equal(stdout, "_mote _mote\n");
  assert.equal(stderr, "");
});

test("fish completes verbs, options and values", async (t) => {
  if (!needs(t, "fish", "fish")) return;
  const text = await script("fish");
  const ask = (line: string): string[] =>
    execFileSync("fish", ["--no-config", "-c", `${text}\ncomplete -C '${line}'`], {
      encoding: "utf8",
    })
      .trim()
      .split("\n")
      .map((found) => found.split("\t")[0]!);
  assert.deepEqual(ask("mote trace"), ["traceroute"]);
  assert.deepEqual(ask("mote serve --profile ").sort(), ["desktop", "esp32", "tiny"]);
  assert.deepEqual(ask("motetcp nc --link-"), ["--link-delay"]);
});

test("another shell is refused with those that there are", async () => {
  const { io, err } = output();
  assert.equal(await runCommand(["completion", "fisch"], io), 2);
  assert.match(err(), /SHELL takes bash or zsh or fish, not "fisch" \(did you mean fish\?\)/);
});
