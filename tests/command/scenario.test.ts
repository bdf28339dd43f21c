// The scenarios themselves: each happens as it should on two builds of the core, always the same way, and what does not
// happen as it should is found out.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEAST_WIDTH } from "../../host/dissect/ladder.js";
import { families, scenarios } from "../../host/scenario/catalogue.js";
import { ids } from "../../host/scenario/ids.js";
import { runScenario } from "../../host/scenario/run.js";
import { maker, runNamed, told, wireBytes } from "./support/scenarios.js";

const PAGE_COLUMNS = 80;

describe("the catalogue", () => {
  it("has each scenario once, in reading order, with words", () => {
    assert.equal(ids.length, 31);
    assert.deepEqual(
      scenarios.map(({ id }) => id),
      ids,
    );
    for (const { id, title, shows, look, why, family } of scenarios) {
      assert.ok(title.length > 0 && title.length < 60, id);
      assert.ok(shows.split(/[.:?!] /).length >= 2, `${id}: a few sentences`);
      assert.ok(look.length >= 2, `${id}: where to look`);
      assert.match(why, /RFC \d{3,4}|Wireshark|netstat/, `${id}: who says so`);
      assert.ok(
        families.some((each) => each.family === family),
        id,
      );
    }
  });
});

for (const variant of ["release", "checked"] as const) {
  describe(`scenarios on the ${variant} build`, () => {
    for (const scenario of scenarios) {
      it(`${scenario.id} ${scenario.title}`, async () => {
        const outcome = await runScenario(scenario, { createStack: maker(variant) });
        assert.deepEqual(outcome.failures, []);
        assert.ok(outcome.checked > 14, `${outcome.checked} checks`);
        for (const columns of [LEAST_WIDTH, PAGE_COLUMNS]) {
          for (const line of outcome.ladder(columns)) {
            assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
          }
        }
      });
    }
  });
}

describe("a run", () => {
  it("is the same again, to the last bit on the wire", async () => {
    for (const id of ["O5", "O9", "D3", "D8", "L3"]) {
      const [first, second] = [await runNamed(id), await runNamed(id)];
      assert.equal(told(first), told(second), id);
      assert.ok(wireBytes(first).equals(wireBytes(second)), id);
    }
  });

  it("is another one with another seed, and as it should be all the same", async () => {
    const first = await runNamed("O9");
    const second = await runNamed("O9", { seed: 2 });
    assert.deepEqual(second.failures, []);
    assert.notEqual(told(first), told(second));
    assert.ok(!wireBytes(first).equals(wireBytes(second)));
  });

  it("holds its expectations for any seed", async () => {
    for (const scenario of scenarios.filter(({ id }) => id !== "O10")) {
      for (const seed of [0, 3, 0xffff_ffff]) {
        const outcome = await runScenario(scenario, { createStack: maker("release"), seed });
        assert.deepEqual(outcome.failures, [], `${scenario.id}, seed ${seed}`);
      }
    }
  });
});

describe("a wire that does what no script wants", () => {
  it("is found out: the SYN ACK is lost, so there is one segment too many", async () => {
    let lost = 0;
    const outcome = await runNamed("O1", {
      tamper: ({ from, number }) =>
        from === "server" && number === 1 && ++lost ? "lost" : undefined,
    });
    assert.equal(lost, 1);
    assert.ok(
      outcome.failures.some((text) => text.startsWith("segment 2: ")),
      told(outcome),
    );
  });

  it("is found out: nothing arrives, and what the script waits for never comes", async () => {
    const outcome = await runNamed("C1", { tamper: () => "lost" });
    assert.match(outcome.failures[0] ?? "", /^it never came to this: the connection is open/);
  });

  it("is found out in every scenario that uses it: a segment of the server's is held back", async () => {
    const missed: string[] = [];
    for (const scenario of scenarios.filter(({ id }) => !["O3", "O6", "O10"].includes(id))) {
      const outcome = await runScenario(scenario, {
        createStack: maker("release"),
        tamper: ({ from, packet }) =>
          from === "server" && packet.tcp !== null ? { laterMs: 3_000_000 } : undefined,
      });
      if (outcome.failures.length === 0) missed.push(scenario.id);
    }
    assert.deepEqual(missed, []);
  });
});
