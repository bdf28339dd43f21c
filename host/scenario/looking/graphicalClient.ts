// L4: what a program with a field and a button does.

import { createHello } from "../../command/services/hello.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

const NAMES = ["Ada", "Grace"];

export const graphicalClient: Scenario = {
  id: "L4",
  family: "looking",
  title: "A graphical client",
  shows:
    "A window with a field for a name and a button. Each press opens a connection to the hello service, sends the " +
    "name, half-closes, and shows what comes back until the end of the stream. The button is pressed twice: two " +
    "connections, two ports, two answers.",
  look: [
    "The half-close tells the service that the name is complete. It answers at once, without its pause.",
    "The answer is in the window when the client reads the end of the stream, not before.",
    "Each press has a port of its own. The first connection is over when the second one begins.",
  ],
  why:
    "One question for each connection is the simplest protocol there is: the stream's end is the only mark that it " +
    "needs. RFC 9293, sections 3.5 and 3.6, once up and once down.",
  async script(world, expect) {
    const { client, server } = world;
    server.serve(PORT, createHello(server.stack));
    const shown: string[] = [];
    for (const name of NAMES) {
      world.remark(`[ ${name} ] (press)`);
      const talk = client.connect(PORT);
      talk.onOpen = () => {
        talk.send(name);
        talk.shutdown();
      };
      world.until("the answer is complete", () => talk.hasEnded);
      shown.push(talk.received);
      talk.close();
      world.remark(`"${talk.received}"`);
      world.run(1_000);
    }
    world.show("What the window shows", shown);
    expect.equal("answers", shown, ["hello ->Ada", "hello ->Grace"]);
    expect.equal("ports", new Set(client.talks.map(({ key }) => key)).size, NAMES.length);
    expect.among(["> SYN seq 0", "> FIN PSH ACK seq 1:4 ack 1", "> SYN seq 0"]);
  },
};
