// C6: a server that answers and closes first.

import { createHello } from "../../command/services/hello.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

export const helloService: Scenario = {
  id: "C6",
  family: "closing",
  title: "Server closes first",
  shows:
    "The hello service reads until its client pauses, answers hello -> and what it has read, and closes. The client " +
    "sees the answer, and then the end of the stream: that is how it knows that the answer is complete. The next " +
    "question is the next connection.",
  look: [
    "The service waits 50 ms behind the question for more of it.",
    "The answer and the server's FIN share a segment: nothing more will come.",
    "This time the server is the one in TIME-WAIT. A busy server has thousands of those records, which is why they are small.",
  ],
  why:
    "Whoever closes first keeps the record. A protocol decides by its rules which side that is. RFC 9293, sections " +
    "3.6 and 3.10.4.",
  async script(world, expect) {
    const { client, server } = world;
    server.serve(PORT, createHello(server.stack));
    const talk = client.connect(PORT);
    talk.onOpen = () => void talk.send("world");
    world.until("the client has read the end", () => talk.hasEnded);
    expect.equal("the answer", talk.received, "hello ->world");
    talk.close();
    world.run(1_000);
    const again = client.connect(PORT);
    again.onOpen = () => void again.send("again");
    world.until("the client has read the end", () => again.hasEnded);
    expect.equal("the second answer", again.received, "hello ->again");
    again.close();
    world.run(70_000);
    expect.among(["> PSH ACK seq 1:6 ack 1", "> FIN ACK seq 6 ack 15"]);
    expect.states("client", [
      ...(["CLOSED", "SYN-SENT", "ESTABLISHED"] as const),
      ...(["CLOSE-WAIT", "LAST-ACK", "CLOSED"] as const),
    ]);
    expect.states("server", [
      ...(["LISTEN", "SYN-RECEIVED", "ESTABLISHED"] as const),
      ...(["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"] as const),
    ]);
  },
};
