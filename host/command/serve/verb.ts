// `mote serve` as the command line sees it: arguments, options, examples.

import { exitCodes } from "../exit.js";
import { defaultPorts, serviceNames, type ServiceName } from "../services/names.js";
import type { Verb } from "../verb.js";
import { linkWords } from "../network/words.js";
import { repeated } from "../words.js";
import { DEFAULT_FLIGHT_MIB, DEFAULT_KEEP } from "../../record/limits.js";
import {
  DEFAULT_TRAP_FILE,
  oneList,
  parseServe,
  profileNames,
  SERVE_LINKS,
  type ServeWords,
} from "./options.js";

const described: Readonly<Record<ServiceName, string>> = {
  hello: 'answers "hello ->" and what it got, then closes first',
  echo: "sends back what it gets (RFC 862)",
  discard: "throws away what it gets (RFC 863)",
  chargen: "sends characters without end (RFC 864)",
  http: "a status page for browsers and curl; /json for machines",
};

export const serveVerb: Verb = {
  name: "serve",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("serve TCP with the stack, over a TAP device or in user mode")
      .description(
        "Runs the stack and its services until Ctrl-C. Where a TAP device may be opened it uses one; " +
          "where not, it serves in user mode on 127.0.0.1 and says why.",
      )
      .argument("[services]", "which of them, separated by commas (default: all)")
      // More words than one get an answer that fits them better than commander's: oneList().
      .allowExcessArguments()
      .option(
        "--link <link>",
        `${linkWords(SERVE_LINKS)} (default: tap:mote0 where that can be opened, else user)`,
      )
      .option(
        "--address <address/prefix>",
        "the stack's own; this host takes another of the block (default: a free /30 of 198.18.0.0/15); " +
          "dhcp: the network gives it one",
      )
      .option("--router <address>", "where packets for other networks go (default: nowhere)")
      .option("--host-name <name>", "answers for NAME.local over TAP (default: mote)")
      .option(
        "--port <service=number>",
        "another port for a service, 0 for a free one; may be repeated",
        repeated,
      )
      .option("--pcap <file>", "write a capture of every frame (pcapng, for Wireshark)")
      .option(
        "--record <file>",
        "write down all that comes into the core, for mote replay; holds secrets",
      )
      .option("--rotate <size>", "of --record: files FILE.1, FILE.2 ... of so many bytes, as 64M")
      .option("--keep <n>", `so many of these stay, the last (default: ${DEFAULT_KEEP})`)
      .option("--force", "overwrite the files of --pcap and --record")
      .option(
        "--flight [MiB]",
        `keep the last of what comes in in memory, for mote record --dump (default: off; alone ${DEFAULT_FLIGHT_MIB})`,
      )
      .option(
        "--trap-file <file>",
        `where --flight writes it should the core trap (default: ${DEFAULT_TRAP_FILE})`,
      )
      .option(
        "--profile <profile>",
        `limits of the core: ${profileNames.join(", ")} (default: desktop)`,
      )
      .option(
        "--name <name>",
        "its name for mote netstat (default: mote, or mote2 ... where that is taken)",
      )
      .option("--no-control", "no control socket: mote netstat cannot ask it")
      .option("--json", "one JSON object per line: first where it serves, then the events")
      .addHelpText("after", help)
      .action(async (_first: string | undefined, words: ServeWords) => {
        const options = parseServe(oneList(command.args), words);
        const { serve } = await import("./run.js");
        await finish(serve(options, io));
      });
  },
};

const services = serviceNames.map((name) => {
  return `  ${name.padEnd(9)}${String(defaultPorts[name]).padEnd(6)}${described[name]}`;
});

const help = `
Services and their ports:
${services.join("\n")}
In user mode ports below 1024 appear at + 8000, and a default that is taken moves on.

Examples:
  mote serve                                  all services
  mote serve hello,http --link user           without any rights, on 127.0.0.1
  mote serve http --port http=9000            the status page on port 9000
  mote serve echo --link tap:mote0 --pcap echo.pcapng
  mote serve --link tap:mote0 --address dhcp  as one more host of a network, behind a bridge
  mote serve --link qemu:/tmp/mote.sock       for a virtual machine with -netdev stream,server=on
  mote serve --link pcap:mote.pcapng --address 192.0.2.7/24
                                              for a recording, in the place of that host
  mote serve hello --profile tiny --json      what a small board does, for a script

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;
