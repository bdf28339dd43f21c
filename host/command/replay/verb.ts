// `mote replay` as the command line sees it.

import type { Verb } from "../verb.js";
import { parseReplay, type ReplayWords } from "./options.js";

export const replayVerb: Verb = {
  name: "replay",

  define(command, io, finish) {
    command
      .summary("do a recorded run again, to the last byte of memory")
      .description(
        "Feeds a recording (mote serve --record FILE, or the option record of createStack) to a fresh core of the same build: " +
          "every result must be what it was, and at the end the memory the same. On the way it shows segments, states and " +
          "control blocks.",
      )
      .argument("<file>", "a recording")
      .option("--step", "show every segment and every change of state")
      .option("-v, --verbose", "the same, with all calls and what changes in control blocks")
      .option("--until <seconds>", "stop so long after the beginning, on the stack's clock")
      .option(
        "--break <state=STATE>",
        "stop when a connection comes into a state, and print all connections",
      )
      .option("--pcap <file>", "write all frames (pcapng, for Wireshark)")
      .option("--force", "overwrite the file of --pcap")
      .option("--json", "one JSON object per line")
      .addHelpText("after", help)
      .action(async (file: string, words: ReplayWords) => {
        const options = parseReplay(file, words);
        const { replay } = await import("./run.js");
        await finish(replay(options, io));
      });
  },
};

const help = `
Examples:
  mote replay run.moterec                              is it still the same?
  mote replay run.moterec --step | less
  mote replay run.moterec --break state=CLOSE_WAIT
  mote replay run.moterec --pcap run.pcapng --until 2.5

Exit codes:
  0    done again, and nothing differed, as far as it went
  1    something differed, or it is no recording of this build
  2    bad command line`;
