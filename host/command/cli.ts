// From the words of the command line to an exit code. Bad words end in one line on stderr with what
// would be right, and exit code 2; whatever fails later in one line with the command that helps.

import { Command, CommanderError } from "commander";
import { roomOf } from "./columns.js";
import {
  CommandError,
  EXIT_FAILURE,
  EXIT_OK,
  EXIT_USAGE,
  exitCodes,
  messageOf,
  UsageError,
} from "./exit.js";
import { foldHelp } from "./help.js";
import type { Io } from "./io.js";
import { applySettings, originsNote, type Origins } from "./settings/apply.js";
import { createPaint } from "./style.js";
import { verbNamed, verbs } from "./verbs.js";

const NAME = "mote";
/** As wide as help is where nothing says how wide it may be. */
const HELP_COLUMNS = 80;

/** Runs one command line (without node and script); the exit code. */
export async function runCommand(words: readonly string[], io: Io): Promise<number> {
  let code = EXIT_OK;
  let origins: Origins = new Map();
  const program = createProgram(io, async (result) => {
    code = await result;
  });
  program.hook("preAction", (_, command) => {
    origins = applySettings(program, command, io);
  });
  if (words.length === 0) {
    io.stderr.write(
      `${NAME}: say what to do, as in: ${NAME} serve (${NAME} --help lists everything)\n`,
    );
    return EXIT_USAGE;
  }
  const [first, asked] = words;
  if (first === "help" && asked !== undefined && verbNamed(asked) === undefined) {
    const hint = `${NAME} --help lists what there is`;
    io.stderr.write(`${NAME}: unknown command '${asked}'; ${hint}\n`);
    return EXIT_USAGE;
  }
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, words, io, origins);
  }
}

function createProgram(io: Io, finish: (code: Promise<number>) => Promise<void>): Command {
  const program = new Command(NAME)
    .description("MoteTCP: a TCP/IP stack in one small WebAssembly module.")
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", programHelp);
  const room = roomOf(io.stdout);
  const output = {
    writeOut: (text: string) => void io.stdout.write(foldHelp(text, room)),
    getOutHelpWidth: () => (room === Infinity ? HELP_COLUMNS : room),
    // Errors are printed in one place, by explain().
    writeErr: () => undefined,
  };
  program.configureOutput(output).exitOverride();
  for (const verb of verbs) {
    const command = program
      .command(verb.name)
      .aliases(verb.aliases ?? [])
      .configureOutput(output)
      .exitOverride();
    command.helpOption("-h, --help", "print this help");
    verb.define(command, io, finish);
  }
  return program;
}

const programHelp = `
Examples:
  ${NAME} serve                 everything, where this machine allows it
  ${NAME} serve --help          the options of serve
  ${NAME} ping 198.18.0.1       this host, asked by the stack over a TAP device
  ${NAME} netstat               the sockets of the stack that runs
  ${NAME} scenario O1           the handshake of TCP, between two stacks

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;

function explain(error: unknown, words: readonly string[], io: Io, origins: Origins): number {
  const verb = verbNamed(words[0])?.name;
  const prefix = verb === undefined ? NAME : `${NAME} ${verb}`;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_OK;
    const text = messageOf(error).replace(/^error: |\.$/g, "");
    const hint = /did you mean/i.test(text) ? "" : `; ${prefix} --help lists what there is`;
    io.stderr.write(`${prefix}: ${text.replace("(Did you mean", "(did you mean")}${hint}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    const message = messageOf(error);
    io.stderr.write(`${prefix}: ${message}${originsNote(message, origins)}\n`);
    return EXIT_USAGE;
  }
  const paint = createPaint(io.stderr, io.env);
  io.stderr.write(`${paint("red", `${prefix}:`)} ${messageOf(error)}\n`);
  if (error instanceof CommandError && error.hint !== undefined) {
    io.stderr.write(`  ${error.hint}\n`);
  }
  return EXIT_FAILURE;
}
