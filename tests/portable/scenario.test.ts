// The scenarios in a page: bundled without anything of Node's, and run where there is nothing of it, with the same
// ladders as the command draws.

import assert from "node:assert/strict";
import { test } from "node:test";
import type * as catalogue from "../../host/scenario/catalogue.js";
import type * as run from "../../host/scenario/run.js";
import { createStack } from "../../host/node/createStack.js";
import { runScenario } from "../../host/scenario/run.js";
import { bundle, coreBytes, openPage } from "./support/bundle.js";

test("scenarios run in a page, and draw what the command draws", async () => {
  const { text, metafile } = await bundle(["scenario/catalogue.js", "scenario/run.js"]);
  assert.doesNotMatch(text, /\bnode:/);
  const foreign = Object.keys(metafile.inputs).filter((path) =>
    /node_modules|host\/node\//.test(path),
  );
  assert.deepEqual(foreign, []);

  const page = openPage(text);
  const inPage = page.motetcp as typeof page.motetcp & typeof catalogue & typeof run;
  const wasm = coreBytes();
  for (const scenario of inPage.scenarios.filter(({ id }) => id !== "O10")) {
    const outcome = await inPage.runScenario(scenario, {
      createStack: (options) => inPage.createStack({ ...options, wasm }),
    });
    assert.deepEqual([...outcome.failures], [], scenario.id);
    const here = await runScenario(scenario, { createStack });
    assert.equal(outcome.ladder(80).join("\n"), here.ladder(80).join("\n"), scenario.id);
  }
  page.leave();
});
