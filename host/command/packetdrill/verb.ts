// `mote packetdrill` as the command line sees it: arguments, options, examples.

import { profileNames } from "../serve/options.js";
import type { Verb } from "../verb.js";
import { parsePacketdrill, type PacketdrillWords } from "./options.js";

const repeated = (word: string, before: readonly string[] | undefined) => [...(before ?? []), word];

export const packetdrillVerb: Verb = {
  name: "packetdrill",

  define(command, io, finish) {
    command
      .summary("run packet scripts against the stack, under virtual time")
      .description(
        "Runs scripts in the dialect of packetdrill (as of Linux and of FreeBSD) against the core: " +
          "packets in, packets out, system calls. No device, no rights, no waiting.",
      )
      .argument("<files...>", "scripts, or folders: every *.pkt below")
      .option(
        "--profile <profile>",
        `build of the core for scripts that name none: ${profileNames.join(", ")} (default: desktop)`,
      )
      .option("-D, --define <name[=value]>", "define a name for #ifdef; may be repeated", repeated)
      .option(
        "--set <name=value>",
        "what a script has as --name=value, for every script; may be repeated",
        repeated,
      )
      .option("--verbose", "print what happens as it happens, and every script's result")
      .option("--json", "one JSON object per script and line, then one with the counts")
      .addHelpText("after", help)
      .action(async (files: string[], words: PacketdrillWords) => {
        const options = parsePacketdrill(files, words);
        const { packetdrill } = await import("./run.js");
        await finish(packetdrill(options, io));
      });
  },
};

const help = `
Examples:
  mote packetdrill tests/packetdrill            every script below the folder
  mote packetdrill close.pkt --verbose          the packets and calls of one script
  mote packetdrill scripts --profile esp32 -D SMALL_RINGS --set option=MSL_MS=1000

Exit codes:
  0    every script passed
  1    a script failed, has a mistake, or asks for what is not there
  2    bad command line; nothing was run`;
