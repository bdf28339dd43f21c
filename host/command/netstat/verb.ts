// `mote netstat` as the command line sees it: options, examples.

import type { Verb } from "../verb.js";
import {
  DEFAULT_CLOSE_WAIT_SECONDS,
  DEFAULT_WATCH_SECONDS,
  parseNetstat,
  type NetstatWords,
} from "./options.js";

export const netstatVerb: Verb = {
  name: "netstat",
  aliases: ["ss"],

  define(command, io, finish) {
    command
      .summary("show the connections and sockets of a stack that runs")
      .description(
        "Asks a stack that runs (mote serve, or a program that has called serveControl()) what it is doing: " +
          "its connections and sockets, their timers, changes of state that are over, counters and pools.",
      )
      .option("--stack <name>", "which of them (default: the only one that runs)")
      .option("-t, --tcp", "list TCP only")
      .option("-u, --udp", "list sockets for datagrams only")
      .option("-l, --listening", "list only who waits for others")
      .option("-a, --all", "list all: so it is anyway")
      .option("-n, --numeric", "addresses and ports as numbers: so they are anyway")
      .option("-o, --timers", "further columns: timers, age, round-trip time, window, repetitions")
      .option("--history", "changes of state, the newest last; not those of the list alone")
      .option("-s, --counters", "every counter, each drop under its reason, and every pool")
      .option(
        "-c, --watch [seconds]",
        `look again and again, until Ctrl-C (default: ${DEFAULT_WATCH_SECONDS})`,
      )
      .option(
        "--close-wait <seconds>",
        `from when on a CLOSE-WAIT is pointed out (default: ${DEFAULT_CLOSE_WAIT_SECONDS})`,
      )
      .option("--json", "one JSON object per line")
      .addHelpText("after", help)
      .action(async (words: NetstatWords) => {
        const options = parseNetstat(words);
        const { netstat } = await import("./run.js");
        await finish(netstat(options, io));
      });
  },
};

const help = `
Examples:
  mote netstat                  connections and sockets, as netstat shows those of the kernel
  mote ss -tlo                  who listens, with timers
  mote netstat --history        also what was too short to be seen: FIN-WAIT-1, CLOSING ...
  mote netstat --counters       what was dropped and why, and how full the pools have been
  mote netstat --watch 2        again every two seconds

Exit codes:
  0    shown
  1    no stack runs, or none of that name, or several and none was chosen
  2    bad command line`;
