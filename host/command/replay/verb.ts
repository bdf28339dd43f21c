// `mote replay` as the command line sees it.

import { EVENT_FORMS } from "../../record/events.js";
import type { Verb } from "../verb.js";
import { parseReplay, type ReplayWords } from "./options.js";

export const replayVerb: Verb = {
  name: "replay",

  define(command, io, finish) {
    command
      .summary("do a recorded run again, to the last byte of memory")
      .description(
        "Feeds a recording (mote record, mote serve --record FILE, or the option record of createStack) to a fresh core of the same build: " +
          "every result must be what it was, and at the end the memory the same. On the way it shows segments, states and " +
          "control blocks.",
      )
      .argument("<file>", "a recording")
      .option("--step", "show every segment and every change of state")
      .option("-v, --verbose", "the same, with all calls and what changes in control blocks")
      .option("-k, --keys", "show them one by one: wait behind each for a key of the terminal")
      .option(
        "--until <time|event>",
        "stop after so many seconds of the stack's clock, or at the first event: see below",
      )
      .option("--break <state=STATE>", "the same as --until state=STATE")
      .option("--to-test <file>", "write a program of node:test that asserts what was seen")
      .option("--pcap <file>", "write all frames (pcapng, for Wireshark)")
      .option("--force", "overwrite the files of --pcap and --to-test")
      .option("--json", "one JSON object per line")
      .addHelpText("after", help)
      .action(async (file: string, words: ReplayWords) => {
        const options = parseReplay(file, words);
        const { replay } = await import("./run.js");
        await finish(replay(options, io));
      });
  },
};

const events = Object.values(EVENT_FORMS).map((form) => `  ${form}`);

const help = `
Where --until stops, and prints all connections:
${events.join("\n")}

Examples:
  mote replay run.moterec                              is it still the same?
  mote replay run.moterec --step | less
  mote replay run.moterec -kv                          step by step, with control blocks
  mote replay run.moterec --break state=CLOSE_WAIT
  mote replay run.moterec --pcap run.pcapng --until 2.5
  mote replay run.moterec --until rst --to-test run.test.mjs

Exit codes:
  0    done again, and nothing differed, as far as it went
  1    something differed, or it is no recording of this build
  2    bad command line`;
