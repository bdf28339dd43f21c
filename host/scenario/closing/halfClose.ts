// C3: one direction is closed, the other is not.

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

const HOUR_MS = 3_600_000;

export const halfClose: Scenario = {
  id: "C3",
  family: "closing",
  title: "Half-close",
  shows:
    "The client closes its direction after its question: that was all of it. The server may take as long as it " +
    "likes; here it answers at once, again after an hour, and after another one. Its direction is as open as ever.",
  look: [
    "The client can read in FIN-WAIT-2, and acknowledges what comes; it cannot write any more.",
    "The server can write in CLOSE-WAIT. CLOSE-WAIT is no error: it means that it is its turn to close.",
    "The server's FIN comes three hours after the client's.",
  ],
  why:
    "The end of a question is best said by the end of the stream: no length, no special line. RFC 9293, section " +
    "3.6: closing is a statement about what I send. An application says it with shutdown(), not close().",
  async script(world, expect) {
    const { near, far } = open(world);
    near.send("how long?");
    near.shutdown();
    world.until("the server has the whole question", () => far.hasEnded);
    for (const answer of ["an hour", "or two", "or more"]) {
      far.send(answer);
      world.run(HOUR_MS);
      expect.equal("state of the client", near.connection.state, "FIN-WAIT-2");
    }
    far.close();
    world.until("the client has read the end", () => near.hasEnded);
    expect.equal("what the client has read", near.received, "an houror twoor more");
    let code = "";
    try {
      near.connection.write(new Uint8Array(1));
    } catch (error) {
      code = (error as { code: string }).code;
    }
    expect.equal("the error of writing behind one's own FIN", code, "EPIPE");
    near.close();
    world.run(70_000);
    expect.among(["> FIN PSH ACK seq 1:10 ack 1", "< PSH ACK seq 1:8 ack 11", "> ACK ack 8"]);
    expect.states("client", [
      ...(["CLOSED", "SYN-SENT", "ESTABLISHED"] as const),
      ...(["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"] as const),
    ]);
  },
};
