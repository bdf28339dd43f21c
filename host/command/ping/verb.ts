// `mote ping` as the command line sees it: arguments, options, examples.

import { addStationOptions, exitCodesOfAsking } from "../network/stationOptions.js";
import type { Verb } from "../verb.js";
import { parsePing, type PingWords } from "./options.js";

export const pingVerb: Verb = {
  name: "ping",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("send echo requests with the stack, over a TAP device or another link")
      .description(
        "Asks HOST, an IPv4 address or a name, whether it is there, until Ctrl-C. The stack sits on a TAP " +
          "device: it reaches this host, and what is bridged or routed there. User mode lets none through.",
      )
      .argument("<host>", "whom to ask")
      .option("-c, --count <n>", "so many requests, then the end (default: until Ctrl-C)")
      .option("-i, --interval <s>", "seconds from one to the next (default: 1)")
      .option("-s, --size <bytes>", "bytes of data in each (default: 56)")
      .option("-W, --timeout <s>", "seconds to wait for the last answer (default: 10)")
      .option("-t, --ttl <hops>", "routers that a request may pass, and one (default: 64)");
    addStationOptions(command)
      .option("--json", "one JSON object per line: each answer, and at the end the statistics")
      .addHelpText("after", help)
      .action(async (host: string, words: PingWords) => {
        const options = parsePing(host, words);
        const { ping } = await import("./run.js");
        await finish(ping(options, io));
      });
  },
};

const help = `
Examples:
  mote ping 198.18.0.1 -c 3                   this host, from the stack on mote0
  mote ping 192.0.2.9 --address dhcp          another host, from a device in a bridge
  mote ping example.org --address 198.18.0.2/30 --router 198.18.0.1 --name-server 192.0.2.53

${exitCodesOfAsking}`;
