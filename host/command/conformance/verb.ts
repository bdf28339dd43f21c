// `mote conformance` as the command line sees it: arguments, options, examples.

import type { Verb } from "../verb.js";
import type { ConformanceWords } from "./options.js";

export const conformanceVerb: Verb = {
  name: "conformance",

  define(command, io, finish) {
    command
      .summary("run the packet scripts of RFC 9293: each event in each state")
      .description(
        "Runs the packet scripts that come with the package against the core, and shows what became of them: a line for " +
          "each event, a column for each state. No device, no rights, no waiting.",
      )
      .argument(
        "[words...]",
        "only events or states with one of these in their name, as in fin LAST-ACK",
      )
      .option("--profile <profile>", "build of the core: tiny, esp32, desktop (default: desktop)")
      .option("--json", "one JSON object per script and line, then one with the counts")
      .addHelpText("after", help)
      .action(async (given: readonly string[], words: ConformanceWords) => {
        const { parseConformance } = await import("./options.js");
        const { conformance } = await import("./run.js");
        await finish(conformance(parseConformance(given, words), io));
      });
  },
};

const help = `
Examples:
  mote conformance                          all of them
  mote conformance fin TIME-WAIT            what a FIN does in any state, and all in TIME-WAIT
  mote conformance --profile tiny           on the smallest build, without what it leaves out

Exit codes:
  0    what is expected to pass has passed
  1    something failed
  2    bad command line; nothing was run`;
