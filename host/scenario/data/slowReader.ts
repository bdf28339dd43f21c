// D4: a reader that does not read.

import { Word } from "../../dissect/words.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

const RING = 65_536;
const MORE = 4_000;
const PAUSE_MS = 1_500;

export const slowReader: Scenario = {
  id: "D4",
  family: "data",
  title: "Window full, zero window, probes",
  shows:
    "The server's application reads nothing. Its window shrinks with every ACK, until the client has filled it to " +
    "the last byte and stops. The client then asks from time to time whether there is room again. When the " +
    "application reads at last, the server says so by itself, and the rest follows.",
  look: [
    "win tells how many bytes may come from ack on. ack plus win never moves back.",
    "[TCP Window Full] stands on the segment that uses the window up, [TCP ZeroWindow] on the answer.",
    "Probes carry one byte that has no room: the answer tells the window, and does not acknowledge the byte.",
    "[TCP Window Update] has the same ack and a larger win. It may be lost; the probes are there for that.",
  ],
  why:
    "The receiver's memory belongs to the receiver. RFC 9293, sections 3.8.6.1 (probes) and 3.8.6.2.2 (a window " +
    "is not opened by a byte at a time).",
  setup: { mtu: 9_000 },
  showing: { windows: true },
  async script(world, expect) {
    const { near, far } = open(world);
    far.isReading = false;
    let left = RING + MORE;
    const fill = (): void => void (left -= near.send(left));
    near.connection.onWritable = fill;
    fill();
    world.until("the window is shut", () => near.connection.info()?.sndWnd === 0);
    world.run(PAUSE_MS);
    expect.that("the client has probed", world.client.stack.counters().tcp_probes > 0);
    far.read(RING);
    far.isReading = true;
    world.until("everything has arrived", () => far.receivedBytes === RING + MORE);
    const words = world.wire.flights.flatMap(({ segment }) => segment.words);
    const wanted = [Word.WINDOW_FULL, Word.ZERO_WINDOW, Word.ZERO_WINDOW_PROBE, Word.WINDOW_UPDATE];
    for (const word of wanted) expect.that(`no segment is called ${word}`, words.includes(word));
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED"]);
  },
};
