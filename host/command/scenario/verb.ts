// `mote scenario` as the command line sees it.

import { LEAST_WIDTH } from "../../dissect/ladder.js";
import type { Verb } from "../verb.js";
import { DEFAULT_SEED, parseScenario, type ScenarioWords } from "./options.js";

export const scenarioVerb: Verb = {
  name: "scenario",

  define(command, io, finish) {
    command
      .summary("let TCP show itself: one episode of its life between two real stacks, drawn")
      .description(
        "Two stacks, a wire that loses, delays and repeats what the scenario wants, and a virtual clock: each scenario " +
          "happens in milliseconds, always the same way, and is checked on the way. Without one all are listed.",
      )
      .argument("[scenario...]", "IDs as the list has them, or all")
      .option("--list", "list all, a line each")
      .option("-w, --pcap <file>", "write all frames (pcapng, for Wireshark); - is stdout")
      .option("--force", "overwrite the file of --pcap")
      .option("--seed <n>", "another run: other initial numbers and waits", `${DEFAULT_SEED}`)
      .option(
        "--width <columns>",
        `of the page, ${LEAST_WIDTH} at least (default: the terminal's, or 80)`,
      )
      .option("--json", "one JSON object per scenario and line")
      .addHelpText("after", help)
      .action(async (ids: string[], words: ScenarioWords) => {
        const options = parseScenario(ids, words);
        const { scenario } = await import("./run.js");
        await finish(scenario(options, io));
      });
  },
};

const help = `
Examples:
  mote scenario                            what there is
  mote scenario O5                         both sides open at once
  mote scenario D4 --pcap d4.pcapng        a window that fills, for Wireshark
  mote scenario C5 -w - | wireshark -k -i -
  mote scenario all | less

Exit codes:
  0    it happened as it should
  1    something that must come of it did not: a line on stderr says what
  2    bad command line; nothing was run`;
