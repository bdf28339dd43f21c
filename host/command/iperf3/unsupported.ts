// Options of esnet's iperf3 that are known here, and what they are answered: why each has no meaning on this stack.

import type { Command } from "commander";
import { Option } from "commander";
import { UsageError } from "../exit.js";

interface Unsupported {
  readonly flags: string;
  /** As commander calls it. */
  readonly name: string;
  readonly why: string;
}

const NOTHING_TO_SET = "the stack's rings have a fixed size, 64 KiB";

export const unsupported: readonly Unsupported[] = [
  { flags: "-w, --window [size]", name: "window", why: NOTHING_TO_SET },
  {
    ...{ flags: "-C, --congestion [algo]", name: "congestion" },
    why: "the stack has one congestion control, NewReno",
  },
  { flags: "-Z, --zerocopy", name: "zerocopy", why: "nothing is copied twice anyway" },
  { flags: "-6, --version6", name: "version6", why: "the stack speaks IPv4" },
  {
    flags: "-L, --flowlabel [n]",
    name: "flowlabel",
    why: "that is of IPv6, the stack speaks IPv4",
  },
  { flags: "--sctp", name: "sctp", why: "the stack speaks TCP and UDP" },
  { flags: "-A, --affinity [n]", name: "affinity", why: "taskset chooses the CPU of a process" },
  { flags: "-F, --file [name]", name: "file", why: "mote nc sends files" },
  {
    flags: "-D, --daemon",
    name: "daemon",
    why: "the shell or systemd puts it into the background",
  },
  { flags: "-I, --pidfile [name]", name: "pidfile", why: "the shell knows the process as $!" },
  { flags: "--logfile [name]", name: "logfile", why: "the shell writes it: > FILE" },
  { flags: "--cport [port]", name: "cport", why: "ports of streams are chosen by the stack" },
  { flags: "--username [name]", name: "username", why: "tests are open to everybody" },
  {
    ...{ flags: "--rsa-private-key-path [file]", name: "rsaPrivateKeyPath" },
    why: "tests are open to everybody",
  },
];

/** Understood, and not in the help. */
export function addUnsupported(command: Command): Command {
  for (const { flags } of unsupported) command.addOption(new Option(flags).hideHelp());
  // They ask for what is done anyway.
  for (const flags of ["-4, --version4", "--forceflush"]) {
    command.addOption(new Option(flags).hideHelp());
  }
  return command;
}

export function checkUnsupported(given: object): void {
  for (const { flags, name, why } of unsupported) {
    if (!(name in given)) continue;
    const option = flags.split(/[ ,]/)[0]!;
    throw new UsageError(`${option} is not supported: ${why}`);
  }
}
