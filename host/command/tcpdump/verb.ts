// `mote tcpdump` as the command line sees it: arguments, options, examples.

import type { Verb } from "../verb.js";
import { LEAST_WIDTH } from "../../dissect/ladder.js";
import { parseTcpdump, type TcpdumpWords } from "./options.js";

export const tcpdumpVerb: Verb = {
  name: "tcpdump",

  define(command, io, finish) {
    command
      .summary("show the frames of a capture, an interface or a running stack, with what they mean")
      .description(
        "One line for each frame of a pcap or pcapng file, of a network interface of this host, or of a stack " +
          "while it runs: TCP with relative numbers, all options, and Wireshark's words for what is out of the ordinary.",
      )
      .argument("[filter...]", "host, net, port, src, dst, tcp, syn ... with and, or, not, ( )")
      .option("-r, --read <file>", "a capture")
      .option("-i, --interface <name>", "an interface, as mote0 or tap:mote0 (Linux, CAP_NET_RAW)")
      .option("--stack <name>", "a stack that runs (default: the only one that does)")
      .option("-c, --count <n>", "so many frames that pass the filter, then the end")
      .option("-w, --write <file>", "write frames as pcapng, show none; - is stdout")
      .option("--force", "let -w overwrite a file")
      .option("-X, --hex", "the packet's bytes, too, as hex and as text")
      .option("-v, --verbose", "every field, and whether checksums are right")
      .option("--absolute", "sequence numbers as they are on the wire")
      .option("--ladder", "draw TCP segments between their two hosts, with the states of both")
      .option(
        "--width <columns>",
        `of the ladder, ${LEAST_WIDTH} at least (default: the terminal's, or 80)`,
      )
      .option("--json", "one JSON object per frame and line")
      .option("-n", "addresses and ports as numbers: always so")
      .addHelpText("after", help)
      .action(async (filter: string[], words: TcpdumpWords) => {
        const options = parseTcpdump(filter, words);
        const { tcpdump } = await import("./run.js");
        await finish(tcpdump(options, io));
      });
  },
};

const help = `
Examples:
  mote tcpdump -r mote.pcapng                            every frame of a capture
  mote tcpdump                                           what the running stack sends and gets
  mote tcpdump -r mote.pcapng port 80 and not arp
  mote tcpdump -i mote0 "host 198.18.0.2 and (syn or rst)"
  mote tcpdump -i mote0 -w - | wireshark -k -i -
  mote tcpdump -r mote.pcapng --ladder port 80           the exchange, drawn

Exit codes:
  0    done, or stopped by Ctrl-C
  1    a file that cannot be read to its end, no such interface, no rights ...
  2    bad command line; nothing was opened
  130  stopped at once by a second Ctrl-C`;
