// D7: an application that says something so as not to be forgotten.

import type { Talk } from "../host.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";
import type { World } from "../world.js";

/** The server closes what has been silent for so long; the client speaks a second earlier. */
const IDLE_MS = 5_000;
const BEAT_MS = 4_000;
const BEATS = 3;

export const heartbeat: Scenario = {
  id: "D7",
  family: "data",
  title: "Application heartbeat",
  shows:
    "The server closes every connection on which it has heard nothing for five seconds. The client sends one byte " +
    "every four, and the connection stays open. When the heartbeat stops, the server closes five seconds later.",
  look: [
    "Each beat is ordinary data, with PSH, and acknowledged as such: the server's application sees it.",
    "After the last beat: five seconds, then the server's FIN.",
  ],
  why:
    "Keepalive probes are answered by the peer's stack, without its application: they would not have helped. Who is " +
    "judged by an application must convince the application. RFC 9293, section 3.8.4, is about the other one.",
  async script(world, expect) {
    const { client, server } = world;
    server.listen(PORT, (talk) => limitIdle(world, talk));
    const near = client.connect(PORT);
    world.until("it is open", () => near.isOpen);
    for (let beat = 1; beat <= BEATS; beat++) {
      world.run(BEAT_MS);
      near.send(".");
    }
    world.run(BEAT_MS);
    expect.equal("beats that the server has read", server.talks[0]?.received, "...");
    expect.equal("state without a beat for four seconds", near.connection.state, "ESTABLISHED");
    world.until("the server closes", () => near.hasEnded, IDLE_MS);
    near.close();
    world.run(1_000);
    const beat = (number: number) => `> PSH ACK seq ${number}:${number + 1} ack 1`;
    expect.among([beat(1), beat(2), beat(3), "< FIN ACK seq 1 ack 4", "> FIN ACK seq 4 ack 2"]);
  },
};

function limitIdle({ server }: World, talk: Talk): void {
  const { stack } = server;
  const arm = (): (() => void) => stack.after(IDLE_MS, () => talk.close());
  let cancel = arm();
  talk.onRead = () => {
    cancel();
    if (!talk.hasEnded) cancel = arm();
  };
}
