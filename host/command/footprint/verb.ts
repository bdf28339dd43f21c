// `mote footprint` as the command line sees it.

import { exitCodes } from "../exit.js";
import type { Verb } from "../verb.js";
import { parseFootprint, type FootprintWords } from "./options.js";

export const footprintVerb: Verb = {
  name: "footprint",

  define(command, io, finish) {
    command
      .summary("measure what the stack takes of boards: flash, RAM, instructions")
      .description(
        "Builds the firmware of each board, engine and profile that fits, boots it in its emulator, and prints what it " +
          "takes: flash by component, RAM, stack, linear memory by pool, instructions.",
      )
      .option("--board <board>", "only this one")
      .option("--quick", "nothing that needs an emulator: no stack, heap and instructions")
      .option(
        "--output <folder>",
        "write footprint.html (with plots), footprint.json, footprint.md",
      )
      .option("--force", "overwrite those files")
      .option("--json", "one JSON object in place of the tables: what is in footprint.json")
      .addHelpText("after", help)
      .action(async (words: FootprintWords) => {
        const options = parseFootprint(words);
        const { footprint } = await import("./run.js");
        await finish(footprint(options, io));
      });
  },
};

const help = `
Examples:
  mote footprint                              every board whose compiler and emulator are here
  mote footprint --board lm3s6965evb          one of them
  mote footprint --quick --output build/footprint

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;
