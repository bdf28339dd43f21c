// The programs in the guides that import packages of others print what the pages say, with the packages of this
// folder. Those of databases find the servers that they expect on this machine: on loopback in a namespace.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { before, test, type TestContext } from "node:test";
import { skip as whyNoNamespace } from "../interop/support/namespace.js";
import { examples, LIMIT_MS, runExample } from "../static/support/guides.js";
import { fromRoot } from "../static/support/module.js";
import { postgresFor, redisFor } from "./support/databases.js";

/** Below .tmp: its node_modules are those of this folder. */
const FOLDER = "libraries";

/** Starts the server that a package is the client of, at its usual port; null: it is not there. */
const servers: Readonly<Record<string, (t: TestContext) => Promise<number | null>>> = {
  pg: (t) => postgresFor(t, null, 5432),
  ioredis: (t) => redisFor(t, 6379),
};

const ours = examples.filter(({ packages }) => packages.length > 0);

before(() => {
  const link = fromRoot(`.tmp/${FOLDER}/node_modules`);
  mkdirSync(fromRoot(`.tmp/${FOLDER}`), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(fromRoot("tests/libraries/node_modules"), link, "junction");
});

test("there are programs with packages", () => {
  assert.ok(ours.length >= 8, `${ours.length} programs`);
});

for (const example of ours) {
  const { page, packages } = example;
  const wanted = packages.flatMap((name) => servers[name] ?? []);
  const skip = wanted.length > 0 && whyNoNamespace;
  const title = `docs/guides/${page}: the program with ${packages.join(" and ")} prints what the page says`;
  test(title, { skip, timeout: LIMIT_MS }, async (t) => {
    for (const start of wanted) if ((await start(t)) === null) return;
    runExample(t, example, FOLDER);
  });
}
