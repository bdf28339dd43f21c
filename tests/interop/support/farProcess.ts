// Runs in the namespace of a far host (far.ts): plays flows there as the kernel's side of a test, and
// ends with the test.

import type { FarAnswer, FarQuestion } from "./far.js";
import { connectFlow, listenFlow } from "./flow.js";

function tell(answer: FarAnswer): void {
  process.send!(answer);
}

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  const { id, question } = message as { id: number; question: FarQuestion };
  void play(id, question);
});

async function play(id: number, question: FarQuestion): Promise<void> {
  const { host, flow } = question;
  const begun = () => tell({ id, kind: "begun", value: null });
  if (question.ask === "listen") {
    const { port, result } = await listenFlow(host, flow, begun);
    tell({ id, kind: "listens", value: port });
    return tell({ id, kind: "result", value: await result });
  }
  const value = await connectFlow(host, question.port, flow, begun);
  tell({ id, kind: "result", value });
}

tell({ id: 0, kind: "pid", value: process.pid });
