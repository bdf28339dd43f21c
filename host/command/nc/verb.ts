// `mote nc` as the command line sees it: arguments, options, examples.

import { addReachOptions } from "../network/reachOptions.js";
import type { Verb } from "../verb.js";
import { parseNc, type NcWords } from "./options.js";

export const ncVerb: Verb = {
  name: "nc",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("connect stdin and stdout to a port, or listen at one, with the stack")
      .usage("[options] HOST PORT | -l [ADDRESS] PORT")
      .description(
        "What comes from stdin goes to HOST, what HOST sends to stdout, as with other netcats, but over the " +
          "stack. The end of stdin is sent as FIN, and reading goes on.",
      )
      .argument("[words...]", "HOST and PORT; with -l PORT, or an address of the stack's and PORT")
      .option("-l, --listen", "wait for a connection, in place of opening one")
      .option("-k, --keep-open", "with -l: go on listening, one connection after the other")
      .option("-u, --udp", "datagrams in place of a connection")
      .option("-z, --zero", "only see whether the port is open")
      .option(
        "-w, --wait <s>",
        "seconds to connect in, and of silence, at most (default: no limit)",
      )
      .option("-p, --source-port <n>", "the stack's own port (default: a free one)")
      .option("-v, --verbose", "say on stderr what happens: peers, states, bytes")
      .option("--json", "say the same as JSON lines")
      .option("-N", "send FIN at the end of stdin, which is the default here")
      .option("--no-shutdown", "send no FIN at the end of stdin, until the peer has sent its own")
      .option("--no-half-close", "the first end, of stdin or of the peer, ends both directions")
      .option("--urgent", "the last byte of each piece of stdin is urgent (RFC 6093)")
      .option(
        "--heartbeat <s>",
        "after so many seconds without sending send a line end; S:TEXT: that",
      )
      .option("--ttl <hops>", "routers that a packet may pass, and one (default: 64)")
      .option("--dscp <n>", "differentiated-services code point, 0 to 63 (default: 0)")
      .option("--mss <bytes>", "data in a segment at most (default: what the link takes)");
    addReachOptions(command)
      .addHelpText("after", help)
      .action(async (list: string[], words: NcWords) => {
        const options = parseNc(list, words);
        const { nc } = await import("./run.js");
        await finish(nc(options, io));
      });
  },
};

const help = `
Examples:
  mote nc -l 7                                      on a TAP device: nc 198.18.0.2 7 finds it
  echo hello | mote nc 198.18.0.1 7 -w 5            a port of this host
  mote nc example.org 80 --link user                out of user mode, and there only
  mote nc -lv 7 --link cable:/tmp/cable             without rights: another mote nc, with
  mote nc -v 198.18.0.1 7 --link cable:/tmp/cable   the same cable, finds it

Exit codes:
  0    both directions have ended; with -z: the port is open; with -u: -w has passed
  1    refused, reset, too long, or it could not start: no device, no such name ...
  2    bad command line; nothing was started
  130  stopped by Ctrl-C`;
