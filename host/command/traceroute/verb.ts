// `mote traceroute` as the command line sees it: arguments, options, examples.

import { addStationOptions, exitCodesOfAsking } from "../network/stationOptions.js";
import type { Verb } from "../verb.js";
import { parseTraceroute, type TracerouteWords } from "./options.js";

export const tracerouteVerb: Verb = {
  name: "traceroute",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("show the routers on the way to a host, over a TAP device or another link")
      .description(
        "Sends echo requests to HOST, an IPv4 address or a name, that may pass one more router with each " +
          "round, and shows who throws them away. The stack sits on a TAP device, as with mote ping.",
      )
      .argument("<host>", "where the way leads")
      .option("-m, --max-hops <n>", "routers to look for at most (default: 30)")
      .option("-q, --queries <n>", "probes for each (default: 3)")
      .option("-w, --wait <s>", "seconds to wait for an answer (default: 5)");
    addStationOptions(command)
      .option("--json", "one JSON object per line: each hop, and whether the host was reached")
      .addHelpText("after", help)
      .action(async (host: string, words: TracerouteWords) => {
        const options = parseTraceroute(host, words);
        const { traceroute } = await import("./run.js");
        await finish(traceroute(options, io));
      });
  },
};

const help = `
Examples:
  mote traceroute 192.0.2.9 --router 198.18.0.1       this host forwards packets
  mote traceroute example.org --address dhcp          from a device in a bridge

A line has the number of the hop, who answered, and three times; * is silence, !H, !N and !X say
that host or network cannot be reached, or that packets are not let through.

${exitCodesOfAsking}`;
