// `mote serve` as the command line sees it: arguments, options, examples.

import { exitCodes } from "../exit.js";
import { defaultPorts, serviceNames, type ServiceName } from "../services/names.js";
import type { Verb } from "../verb.js";
import { linkWords } from "../network/words.js";
import { oneList, parseServe, profileNames, SERVE_LINKS, type ServeWords } from "./options.js";

const described: Readonly<Record<ServiceName, string>> = {
  hello: 'answers "hello ->" and what it got, then closes first',
  echo: "sends back what it gets (RFC 862)",
  discard: "throws away what it gets (RFC 863)",
  chargen: "sends characters without end (RFC 864)",
  http: "a status page for browsers and curl; /json for machines",
};

export const serveVerb: Verb = {
  name: "serve",

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
        (word: string, before: readonly string[] | undefined) => [...(before ?? []), word],
      )
      .option("--pcap <file>", "write a capture of every frame (pcapng, for Wireshark)")
      .option(
        "--record <file>",
        "write down all that comes into the core, for mote replay; holds secrets",
      )
      .option("--force", "overwrite the file of --record")
      .option(
        "--profile <profile>",
        `limits of the core: ${profileNames.join(", ")} (default: desktop)`,
      )
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
