// The programs of the guides: each ```js block, and what the ```text block behind it says that it prints. Here for two
// groups of tests: programs that import packages of others run where those are installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { TestContext } from "node:test";
import { cleanEnvironment, needs } from "../../command/support/process.js";
import { fromRoot, readText } from "./module.js";

export const LIMIT_MS = 60_000;

export interface Example {
  readonly page: string;
  /** Which of its page's programs it is, from 0. */
  readonly index: number;
  readonly code: string;
  /** What it prints. */
  readonly output: string;
  /** Packages of others that it imports. */
  readonly packages: readonly string[];
}

export const pages: readonly string[] = readdirSync(fromRoot("docs/guides")).filter((name) =>
  name.endsWith(".md"),
);

export const examples: readonly Example[] = pages.flatMap(examplesOf);

function examplesOf(page: string): Example[] {
  const blocks = readText(`docs/guides/${page}`).matchAll(
    /^```js\n([^]*?)^```\n+(?:^```text\n([^]*?)^```)?/gm,
  );
  return [...blocks].map(([, code = "", output = ""], index) => {
    return { page, index, code, output, packages: packagesOf(code) };
  });
}

/** From `import ... from "x"`, on one line or several, and `import "x"`. */
function packagesOf(code: string): string[] {
  const imports = code.matchAll(/^(?:import|\} from)\b[^"\n]*"([^"]+)"/gm);
  const names = [...imports].map(([, name = ""]) => name);
  return names.filter((name) => !/^(node:|motetcp(\/|$))/.test(name));
}

/** `file` lies below .tmp in the repository, so that "motetcp" is this package. */
export function writeProgram(file: string, code: string): string {
  const path = fromRoot(`.tmp/${file}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
  return path;
}

/** Runs it as its first line says, should that be a command, and compares. `folder` is below .tmp. */
export function runExample(t: TestContext, example: Example, folder = "."): void {
  const { page, index, code, output } = example;
  assert.notEqual(output, "", "a program is followed by what it prints");
  const [, flags] = /^\/\/ node (.+) \S+\.js\n/.exec(code) ?? [];
  const [, program] = /\bexecFileSync\("(\w+)"/.exec(code) ?? [];
  if (program !== undefined && !needs(t, program, program)) return;
  const path = writeProgram(`${folder}/example-${basename(page, ".md")}-${index}.mjs`, code);
  const run = spawnSync(process.execPath, [...(flags?.split(" ") ?? []), path], {
    cwd: fromRoot("."),
    encoding: "utf8",
    env: cleanEnvironment(),
    timeout: LIMIT_MS,
  });
  assert.equal(run.stderr, "");
  assert.equal(run.stdout, output);
  assert.equal(run.status, 0);
}
