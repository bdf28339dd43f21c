// `mote doctor` as the command line sees it.

import type { Verb } from "../verb.js";

export const doctorVerb: Verb = {
  name: "doctor",

  define(command, io, finish) {
    command
      .summary("say what this machine can do, and what enables the rest")
      .description(
        "Looks for what the other verbs use: TAP devices and the right to them, network namespaces, programs for captures, " +
          "emulators and compilers for boards, a browser. For what is missing it prints the line that enables it on this " +
          "system. It changes nothing.",
      )
      .option("--json", "one JSON object: the system, and each check with its finding")
      .addHelpText("after", help)
      .action(async ({ json }: { json?: boolean }) => {
        const { doctor } = await import("./run.js");
        await finish(doctor(json === true, io));
      });
  },
};

const help = `
Examples:
  mote doctor
  mote doctor --json | jq '.checks[] | select(.state == "missing").line'

Exit codes:
  0    what everything needs is here
  1    it is not: Node is too old, or the modules are not built
  2    bad command line`;
