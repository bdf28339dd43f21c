// What every link must do: two stacks at its ends, and bytes there and back between them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Stack } from "../../../host/core/stack.js";
import type { Link } from "../../../host/link/link.js";
import { createStack } from "../../../host/node/createStack.js";
import { echo } from "./echo.js";
import { A, B, pattern, sha256, transfer } from "./pair.js";
import { until } from "./until.js";

/** Sends so many bytes from the stack at `near`, which it returns; they come back unharmed. */
export async function echoAcross(
  t: TestContext,
  near: Link,
  far: Link,
  length: number,
  limitMs = 20_000,
): Promise<Stack> {
  const [a, b] = [await createStack(), await createStack()];
  t.after(() => [a, b].forEach((stack) => stack.close()));
  a.attach(near, { addresses: [`${A}/30`] });
  b.attach(far, { addresses: [`${B}/30`] });
  b.listen({ port: 7 }, echo);
  const bytes = pattern(length, 5);
  const moved = transfer(a.connect({ host: B, port: 7 }), bytes);
  await until(() => moved.ended, "the echo", limitMs);
  assert.equal(sha256(moved.received()), sha256(bytes));
  return a;
}
