// Scripts in tests: a beginning that leads to an open connection, runs, and what they must say.

import assert from "node:assert/strict";
import { runText, type RunOptions, type ScriptResult } from "../../../host/packetdrill/runner.js";

/** A listener on 3; 8 lines. */
export const LISTENING = `--option=TIMESTAMPS=0
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 5) = 0
`;

/** An open connection on 4; its last line is the seventh, at 0.1 s. */
export const OPEN = `${LISTENING}+0 < S 0:0(0) win 10000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 10000
+0 accept(3, ..., ...) = 4
`;

export const run = (text: string, options?: RunOptions): Promise<ScriptResult> =>
  runText("test.pkt", text, options);

export async function passes(text: string, options?: RunOptions): Promise<void> {
  const { status, problem } = await run(text, options);
  assert.equal(status, "passed", JSON.stringify(problem));
}

type Problem = NonNullable<ScriptResult["problem"]>;

/** The script does not pass, in this way. */
export async function says(
  text: string,
  status: ScriptResult["status"],
  message: RegExp,
  details: Partial<Problem> = {},
): Promise<Problem> {
  const result = await run(text);
  assert.equal(result.status, status, JSON.stringify(result.problem));
  const { problem } = result;
  assert.ok(problem);
  assert.match(problem.message, message);
  const told = Object.keys(details) as (keyof Problem)[];
  assert.deepEqual(Object.fromEntries(told.map((name) => [name, problem[name]])), details);
  return problem;
}
