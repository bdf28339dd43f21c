// The pages of the API are those that the sources give, and leave nothing out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { entryName, fromRoot, moduleEntries } from "./support/packed.js";
import { run } from "./support/run.js";

describe("docs/reference/api", () => {
  it("says something of all that is exported, as the sources say it today", async () => {
    const words = [fromRoot("tools/api.mjs"), "--check"];
    const { status, out, err } = await run(process.execPath, words, { cwd: fromRoot(".") });
    assert.equal(out + err, "");
    assert.equal(status, 0);
  });

  it("has a page for each module", () => {
    for (const name of moduleEntries.map(entryName)) {
      const page = readFileSync(fromRoot(`docs/reference/api/${name}.md`), "utf8");
      assert.match(page, new RegExp(`^# ${name}\n\n\\S`), name);
    }
  });
});
