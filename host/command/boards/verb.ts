// `mote boards`: the boards that there is firmware for, and what each lacks here.

import type { Verb } from "../verb.js";

export const boardsVerb: Verb = {
  name: "boards",

  define(command, io, finish) {
    command
      .summary("list the boards, and what this machine lacks to build and run each")
      .description(
        "Lists the boards that there is firmware for, with engines and profiles that fit.",
      )
      .option("--json", "one JSON object per board and line")
      .addHelpText("after", help)
      .action(async ({ json = false }: { json?: boolean }) => {
        const { listAsJson, listBoards } = await import("../run-board/list.js");
        await finish(json ? listAsJson(io) : listBoards(io));
      });
  },
};

const help = `
Examples:
  mote boards
  mote run-board mps2-an385          builds, boots and joins one of them

Exit codes:
  0    listed
  2    bad command line`;
