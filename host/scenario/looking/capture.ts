// L2: a capture, and what Wireshark sees in it.

import { Word } from "../../dissect/words.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";
import { tableLines } from "../table.js";
import type { World } from "../world.js";

const RING = 65_536;

/** Words of Wireshark's, with the display filter that finds them. */
const WORDS: readonly (readonly [string, string])[] = [
  [Word.WINDOW_FULL, "tcp.analysis.window_full"],
  [Word.ZERO_WINDOW, "tcp.analysis.zero_window"],
  [Word.ZERO_WINDOW_PROBE, "tcp.analysis.zero_window_probe"],
  [Word.WINDOW_UPDATE, "tcp.analysis.window_update"],
  [Word.RETRANSMISSION, "tcp.analysis.retransmission"],
  [Word.KEEP_ALIVE, "tcp.analysis.keep_alive"],
];

export const capture: Scenario = {
  id: "L2",
  family: "looking",
  title: "A capture to open in Wireshark",
  shows:
    "One connection with a bit of everything: all options, a window that fills and opens again, a loss, a keepalive " +
    "probe, a good close. Write it with --pcap and open it in Wireshark: its words are those of the ladder.",
  look: [
    "Relative numbers begin at 0 with the SYN, options stand in the first two segments.",
    "Each word of the table has a display filter, and the frames in which it stands.",
    "The capture is taken where frames leave their host: one that is lost is in it, and comes once.",
  ],
  why:
    "Wireshark infers these words from the segments alone, as this ladder does. They tell what a segment means where " +
    "it stands: Wireshark User's Guide, TCP Analysis.",
  setup: { mtu: 9_000, options: { KEEP_IDLE_SECONDS: 60 } },
  showing: { windows: true, options: true },
  async script(world, expect) {
    const { near, far } = open(world);
    near.connection.setOption("KEEP_ALIVE", 1);
    far.isReading = false;
    near.connection.onWritable = () => void near.send(1_000);
    near.send(RING + 1);
    world.until("the window is shut", () => near.connection.info()?.sndWnd === 0);
    world.run(400);
    near.connection.onWritable = null;
    far.read(RING);
    far.isReading = true;
    world.run(200);
    world.wire.lose("client", ({ tcp }) => tcp!.dataBytes > 0);
    near.send("lost once");
    world.run(1_000);
    world.run(70_000);
    near.shutdown();
    world.until("the server has read the end", () => far.hasEnded);
    far.close();
    world.run(100);
    near.close();
    const rows = WORDS.map(([word, filter]) => {
      const frames = framesWith(world, word);
      expect.that(`no frame is called ${word}`, frames.length > 0);
      return [word, filter, frames.join(", ")];
    });
    world.show("Words, and where they stand", tableLines([["Word", "Filter", "Frames"], ...rows]));
    world.run(70_000);
  },
};

/** Numbers of the frames that have a word, as Wireshark counts them. */
const framesWith = ({ wire }: World, word: string): number[] =>
  wire.flights
    .filter(({ segment }) => segment.words.includes(word))
    .map(({ packet }) => 1 + wire.frames.findIndex(({ bytes }) => bytes === packet.bytes));
