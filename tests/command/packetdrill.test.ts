// `mote packetdrill`: results for people and for machines, exit codes, bad words.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { main } from "./support/process.js";

const PASSES = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n";
const FAILS = `${PASSES}+.5 read(3, ..., 1) = 0\n`;
const CONDITIONAL = `#ifndef KNOWN\n${FAILS}#else\n${PASSES}#endif\n`;

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

function mote(cwd: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "packetdrill", ...words], {
    cwd,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("scripts of a folder and below that pass: one line, exit code 0", (t) => {
  const cwd = folder(t, { "a.pkt": PASSES, "b/c.pkt": PASSES, "b/d.txt": "no script" });
  const { status, stdout, stderr } = mote(cwd, ".");
  assert.match(stdout, /^2 passed in \d+ ms \([\d,]+ scripts\/s\)\n$/);
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("a script that fails: where, what was expected, what came; exit code 1", (t) => {
  const cwd = folder(t, {
    "a.pkt": FAILS,
    "b.pkt": PASSES,
    "c.pkt": "0 <",
    "d.pkt": "0 > udp (1)",
  });
  const { status, stdout } = mote(cwd, "a.pkt", "b.pkt", "c.pkt", "d.pkt");
  const lines = stdout.split("\n");
  assert.deepEqual(lines.slice(0, 5), [
    "failed a.pkt:2:1: read returned -1 ENOTCONN",
    "    script:   +.5 read(3, ..., 1) = 0",
    "    expected: 0",
    "    found:    -1 ENOTCONN",
    "    at:       0.500000 s",
  ]);
  assert.match(stdout, /^mistake c\.pkt:1:4: expected flags .*, found the end$/m);
  assert.match(stdout, /^unsupported d\.pkt:1:5: udp is not supported by this stack yet$/m);
  assert.match(stdout, /^1 passed, 1 failed, 1 mistake, 1 unsupported in /m);
  assert.equal(status, 1);
});

test("--json: a line per script, then the counts", (t) => {
  const cwd = folder(t, { "a.pkt": FAILS, "b.pkt": PASSES });
  const { status, stdout } = mote(cwd, ".", "--json");
  const [first, second, last] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(first?.["status"], "failed");
  const { line, time, source } = (first?.["problem"] ?? {}) as Record<string, unknown>;
  assert.deepEqual(
    { line, time, source },
    { line: 2, time: 0.5, source: "+.5 read(3, ..., 1) = 0" },
  );
  assert.equal(second?.["status"], "passed");
  assert.deepEqual([last?.["passed"], last?.["failed"]], [1, 1]);
  assert.equal(status, 1);
});

test("--verbose prints what happens; -D, --set and --profile reach the scripts", (t) => {
  const passive = `${PASSES}+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+.1 < S 0:0(0) win 1000 <mss 1000>
+0 > S. 0:0(0) ack 1 win 1024 <...>
`;
  const cwd = folder(t, {
    "a.pkt": passive,
    "b.pkt": CONDITIONAL,
    "c.pkt": "0 `sleep 0`\n`option MSL_MS=5`",
  });
  const seen = mote(cwd, "a.pkt", "--verbose", "--profile", "tiny");
  assert.match(seen.stdout, /^ {4}0\.100000 < S 0:0\(0\) win 1000 <mss 1000>$/m);
  assert.match(seen.stdout, /^ {4}0\.100000 > S\. 0:0\(0\) ack 1 win 1024 /m);
  assert.match(seen.stdout, /^passed a\.pkt$/m);
  assert.equal(seen.status, 0);
  assert.equal(mote(cwd, "b.pkt").status, 1);
  assert.equal(mote(cwd, "b.pkt", "-D", "KNOWN").status, 0);
  assert.equal(mote(cwd, "c.pkt", "--set", "option=MSL_MS=1000", "--set", "mtu=600").status, 0);
});

const wrong: [words: string[], message: RegExp][] = [
  [[], /missing required argument 'files'/],
  [["no.pkt"], /there is no file or folder no\.pkt/],
  [["."], /no script \(\*\.pkt\) below \./],
  [["a.txt", "--profile", "tny"], /no profile is called "tny" \(did you mean tiny\?\)/],
  [["a.txt", "-D", "1x"], /-D 1x: expected NAME or NAME=VALUE/],
  [["a.txt", "--set", "mtv=9"], /--set mtv=9: unknown option --mtv \(did you mean mtu\?\)/],
  [["a.txt", "--set", "option=MSL=9"], /the core has no option MSL/],
];
for (const [words, message] of wrong) {
  test(`bad command line: ${words.join(" ")}`, (t) => {
    const { status, stdout, stderr } = mote(folder(t, { "a.txt": PASSES }), ...words);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.equal(stdout, "");
    assert.equal(status, 2);
  });
}
