// `mote run-board` as the command line sees it: arguments, options, examples.

import { BOARDS } from "../../boards/board.js";
import { exitCodes } from "../exit.js";
import type { Verb } from "../verb.js";
import { linkWords } from "../network/words.js";
import { BOARD_LINKS, parseRunBoard, type RunBoardWords } from "./options.js";

export const runBoardVerb: Verb = {
  name: "run-board",

  define(command, io, finish) {
    command
      .summary("build the firmware of a board and boot it in an emulator")
      .description(
        "Builds what changed of a board's firmware, boots it in an emulator, and joins its Ethernet to this machine: " +
          "in user mode, without any rights, or over a TAP device. Runs until Ctrl-C.",
      )
      .argument("[board]", "which; without one: the list of boards, and what each lacks here")
      .option("--engine <engine>", "aot: C made ahead of time, or wasm3: an interpreter", "aot")
      .option("--profile <profile>", "limits of the core: tiny or esp32 (default: what fits)")
      .option("--link <link>", `${linkWords(BOARD_LINKS)} (default: user)`)
      .option(
        "--address <address/prefix>",
        "the board's own; this host takes another of the block (default: 198.18.0.2/30)",
      )
      .option("--pcap <file>", "write a capture of every frame (pcapng, for Wireshark)")
      .option("--force", "overwrite the file of --pcap")
      .option("--build-only", "build the firmware, say what it takes, and end")
      .option("--json", "one JSON object per line: what was built, where it serves, its console")
      .addHelpText("after", help)
      .action(async (board: string | undefined, words: RunBoardWords) => {
        const options = parseRunBoard(board, words);
        const { runBoard } = await import("./run.js");
        if (options !== null) return finish(runBoard(options, io));
        const { listAsJson, listBoards } = await import("./list.js");
        await finish(words.json === true ? listAsJson(io) : listBoards(io));
      });
  },
};

const help = `
Boards:
${BOARDS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join("\n")}
In user mode ports below 1024 appear at + 8000.

Examples:
  mote run-board                                which boards run here, what the others need
  mote run-board mps2-an385                     build, boot, and serve in user mode
  mote run-board lm3s6965evb --link tap:mote0   on a TAP device, with an address of its own
  mote run-board riscv32-virt --profile esp32 --pcap board.pcapng

The board's console is on stdout; what is typed goes to it (r: a line about how the board is).

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;
