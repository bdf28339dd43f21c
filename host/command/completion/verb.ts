// `mote completion` prints what a shell needs to complete verbs, options and their values.

import { EXIT_OK } from "../exit.js";
import type { Verb } from "../verb.js";
import { oneOf } from "../words.js";
import { bashCompletion } from "./bash.js";
import { fishCompletion } from "./fish.js";
import { shells, type Shell } from "./shells.js";
import { completedTree, programOptions } from "./tree.js";
import { zshCompletion } from "./zsh.js";

const scripts: Readonly<Record<Shell, typeof bashCompletion>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const completionVerb: Verb = {
  name: "completion",

  define(command, io, finish) {
    command
      .summary("print what a shell needs to complete the words of mote")
      .description(
        "Prints a script for SHELL. It is made from the commands and options that there are, and calls nothing while you type.",
      )
      .argument("<shell>", `${shells.slice(0, -1).join(", ")} or ${shells.at(-1)}`)
      .addHelpText("after", help)
      .action(async (word: string) => {
        const shell = oneOf("SHELL", word, shells);
        const program = command.parent!;
        io.stdout.write(scripts[shell](completedTree(program), programOptions(program)));
        await finish(Promise.resolve(EXIT_OK));
      });
  },
};

const help = `
Examples:
  eval "$(mote completion bash)"        in ~/.bashrc
  eval "$(mote completion zsh)"         in ~/.zshrc, after compinit
  mote completion fish | source         in ~/.config/fish/config.fish

Exit codes:
  0    printed
  2    bad command line`;
