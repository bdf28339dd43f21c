// `mote record` as the command line sees it: options, examples.

import type { Verb } from "../verb.js";
import { parseRecord, type RecordWords } from "./options.js";

export const recordVerb: Verb = {
  name: "record",

  define(command, io, finish) {
    command
      .summary("record a running stack from now on, or write what its flight recorder has")
      .description(
        "Asks a stack that runs (mote serve, or a program that has called serveControl()) to write down all that " +
          "comes into its core, for mote replay; until Ctrl-C or mote record --stop. Alone it says what is recorded. " +
          "Recordings hold secrets: files have mode 0600.",
      )
      .option("--stack <name>", "which of them (default: the only one that runs)")
      .option("-w, --write <file>", "record into it, or with --dump write what there is")
      .option("--dump", "what the flight recorder has, at once")
      .option("--stop", "end the recordings that are under way")
      .option(
        "--rotate <size>",
        "files FILE.1, FILE.2 ... of so many bytes, as 64M; each stands for itself",
      )
      .option("--keep <n>", "so many of these files stay, the last (default: 8)")
      .option("--force", "overwrite files")
      .option("--json", "one JSON object per line")
      .addHelpText("after", help)
      .action(async (words: RecordWords) => {
        const options = parseRecord(words);
        const { record } = await import("./run.js");
        await finish(record(options, io));
      });
  },
};

const help = `
Examples:
  mote record                              what is recorded of the running stack
  mote record -w run.moterec               from now on, until Ctrl-C; then: mote replay run.moterec
  mote record --dump -w last.moterec       what came last, of mote serve --flight 64
  mote record --stop                       ends it from another terminal
  mote record -w run --rotate 64M --keep 4

Exit codes:
  0    done, or stopped by Ctrl-C or --stop
  1    no such stack, no flight recorder, a file that is there or cannot be written ...
  2    bad command line; nothing was asked`;
