// What each turn goes through are objects of one shape to V8. One that it keeps as a dictionary, as it does where
// getters of one name differ between objects, made a round trip a seventh slower.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { createEventLoop } from "../../host/core/eventLoop.js";
import type { StackInstance } from "../../host/core/instance.js";
import { createInterface } from "../../host/core/interface.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createStack } from "../../host/nodeStack.js";

setFlagsFromString("--allow-natives-syntax");
const isFast = native<(thing: object) => boolean>("(thing) => %HasFastProperties(thing)");
const areAlike = native<(one: object, other: object) => boolean>(
  "(one, other) => %HaveSameMap(one, other)",
);

function native<Call>(text: string): Call {
  return runInThisContext(text) as Call;
}

test("stacks, their cores, loops, links and interfaces have fast properties, each kind in one shape", async (t) => {
  const links = MemoryLink.pair();
  const made = await Promise.all(links.map((link) => createStack({ link, addresses: [] })));
  t.after(() => made.forEach((stack) => stack.close()));
  const stacks = made as unknown as StackInstance[];
  const kinds: Record<string, readonly object[]> = {
    stack: stacks,
    core: stacks.map(({ core }) => core),
    exports: stacks.map(({ core }) => core.exports),
    loop: stacks.map((stack) => createEventLoop(stack)),
    link: links,
    interface: stacks.map(({ core }, i) => createInterface(core, 0, links[i]!, () => {})),
  };
  for (const [kind, things] of Object.entries(kinds)) {
    for (const thing of things) {
      assert.ok(isFast(thing), `${kind}: V8 keeps it as a dictionary`);
      assert.ok(areAlike(thing, things[0]!), `${kind}: two of them differ in shape`);
    }
  }
});

test("V8 tells a dictionary when it is asked", () => {
  const thing: Record<string, number> = { one: 1, two: 2 };
  delete thing["one"];
  assert.ok(!isFast(thing));
});
