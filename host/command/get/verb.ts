// `mote get` as the command line sees it: arguments, options, examples.

import { addReachOptions } from "../network/reachOptions.js";
import type { Verb } from "../verb.js";
import { repeated } from "../words.js";
import { parseGet, type GetWords } from "./options.js";

export const getVerb: Verb = {
  name: "get",
  isNetwork: true,

  define(command, io, finish) {
    command
      .summary("fetch a URL by HTTP/1.1 or HTTPS, with the stack")
      .description(
        "Writes what a server has under URL to stdout or a file, and how long each step took to stderr. " +
          "The connection is one of the stack's.",
      )
      .argument("<url>", "what to fetch: http://HOST/PATH or https://HOST/PATH")
      .option("-o, --output <file>", "write the body to a file, which must not be there yet")
      .option("--force", "overwrite the file")
      .option("-I, --head", "only ask for the headers, and print them")
      .option("-i, --include", "print the headers before the body")
      .option("-L, --location", "follow redirects")
      .option("--max-redirects <n>", "so many of them (default: 10)")
      .option("-f, --fail", "a status of 400 and above is a failure, and its body is left out")
      .option("-k, --insecure", "take any certificate")
      .option("-H, --header <line>", "a header of the request; may be given again", repeated)
      .option("-w, --wait <s>", "seconds to connect in, and of silence, at most (default: 60)")
      .option("-s, --silent", "say nothing on stderr but errors")
      .option("--json", "what is said on stderr at the end is one JSON object");
    addReachOptions(command)
      .addHelpText("after", help)
      .action(async (url: string, words: GetWords) => {
        const options = parseGet(url, words);
        const { get } = await import("./run.js");
        await finish(get(options, io));
      });
  },
};

const help = `
Examples:
  mote get http://198.18.0.1:8080/               a server of this host, over a TAP device
  mote get https://example.org/ --link user      out of user mode, to there only
  mote get -L http://example.org/ --link user --allow '*.example.org:443' -o page.html

Exit codes:
  0    a response has come, whole, whatever its status
  1    none, or not whole; with -f: its status is 400 or above
  2    bad command line; nothing was started
  130  stopped by Ctrl-C`;
