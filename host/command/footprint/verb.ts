// `mote footprint` as the command line sees it: options, examples.

import { BOARDS } from "../../boards/board.js";
import { exitCodes } from "../exit.js";
import type { Verb } from "../verb.js";
import { parseFootprint, type FootprintWords } from "./options.js";

export const footprintVerb: Verb = {
  name: "footprint",

  define(command, io, finish) {
    command
      .summary("measure flash, RAM, stack and instructions on every board")
      .description(
        "Builds the firmware of every board with each engine and profile that fits, runs it in an emulator, and prints what it " +
          "takes: flash and RAM by component, the core's memory by pool, bytes per connection, stack and heap, instructions. " +
          "Needs the sources, as they come by git.",
      )
      .option("--board <name>", "only this one")
      .option("--quick", "sizes only: nothing that needs an emulator")
      .option("--output <folder>", "write footprint.json, footprint.html and footprint.md there")
      .addHelpText("after", help)
      .action(async (words: FootprintWords) => {
        const options = parseFootprint(words);
        const { runFootprint } = await import("./run.js");
        await finish(runFootprint(options, io));
      });
  },
};

const help = `
Boards:
${BOARDS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join("\n")}
What is missing here is named, and the other boards go on.

Examples:
  mote footprint                                   everything; a minute, the first time more
  mote footprint --quick --board lm3s6965evb       what one board takes
  mote footprint --output figures                  the same with plots, in figures/footprint.html

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;
