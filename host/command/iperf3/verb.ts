// `mote iperf3` as the command line sees it: options, examples.

import { addReachOptions } from "../network/reachOptions.js";
import type { Verb } from "../verb.js";
import { parseIperf3, type Iperf3Words } from "./options.js";
import { addUnsupported } from "./unsupported.js";

export const iperf3Verb: Verb = {
  name: "iperf3",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("measure throughput with iperf3's protocol, as client or server, with the stack")
      .usage("[options] -s | -c HOST")
      .description(
        "Speaks iperf3's protocol, so that the other end may be any iperf3, or another mote iperf3. " +
          "Bytes are counted in KBytes of 1,024, bits per second in Kbits of 1,000.",
      )
      .option("-s, --server", "be the server: one test after the other")
      .option("-c, --client <host>", "be the client, of the server at HOST")
      .option("-p, --port <n>", "the server's port (default: 5201)")
      .option(
        "-i, --interval <s>",
        "seconds from one line to the next; 0: no such lines (default: 1)",
      )
      .option(
        "-f, --format <letter>",
        "rates in k, m, g, tbits, or K, M, G, TBytes (default: by size)",
      )
      .option("-J, --json", "one JSON document for each test, as iperf3 has it")
      .option("-B, --bind <address>", "server: at this address of the stack's (default: all)")
      .option("-1, --one-off", "server: end after one test")
      .option("-t, --time <s>", "client: how long it sends; 0: until Ctrl-C (default: 10)")
      .option("-n, --bytes <n>", "client: so many bytes in all, in place of a time (K, M, G, T)")
      .option("-k, --blockcount <n>", "client: so many writes or datagrams in all (K, M, G, T)")
      .option("-l, --length <n>", "client: bytes of each (default: 128K; UDP: what the link takes)")
      .option("-P, --parallel <n>", "client: so many streams at the same time (default: 1)")
      .option("-R, --reverse", "client: the server sends")
      .option("--bidir", "client: both send")
      .option("-u, --udp", "client: datagrams in place of connections")
      .option(
        "-b, --bitrate <n>",
        "client: bits per second of each stream; 0: no limit (default: 0; UDP: 1M)",
      )
      .option("-O, --omit <s>", "client: seconds at the beginning that do not count (default: 0)")
      .option(
        "-M, --set-mss <n>",
        "client: data in a segment at most (default: what the link takes)",
      )
      .option("-N, --no-delay", "client: small pieces leave at once (no Nagle)")
      .option("-S, --tos <n>", "client: the field of IPv4, of which DSCP is set (default: 0)")
      .option("--connect-timeout <ms>", "client: in which the server has to answer")
      .option("--get-server-output", "client: print what the server has printed, too")
      .option("--udp-counters-64bit", "client: datagrams are counted in 64 bits");
    addUnsupported(addReachOptions(command))
      .addHelpText("after", help)
      .action(async (words: Iperf3Words) => {
        const options = parseIperf3(words);
        const { iperf3 } = await import("./run.js");
        await finish(iperf3(options, io));
      });
  },
};

const help = `
Examples:
  mote iperf3 -s                                    on a TAP device: iperf3 -c 198.18.0.2 finds it
  mote iperf3 -c 198.18.0.1                         an iperf3 -s of this host
  mote iperf3 -c 198.18.0.1 -u -b 50M -R            datagrams from there, losses and jitter
  mote iperf3 -c 198.18.0.1 --stack                 from the stack of a mote serve that runs
  mote iperf3 -s --link cable:/tmp/cable            without rights: another mote iperf3, with
  mote iperf3 -c 198.18.0.1 --link cable:/tmp/cable the same cable, finds it

Exit codes:
  0    the test is through; as a server: with -1
  1    refused, busy, broken off, or it could not start: no device, no such name ...
  2    bad command line; nothing was started
  130  stopped by Ctrl-C, which tells the other end; what was counted is printed`;
