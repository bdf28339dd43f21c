// The table of verbs: adding one is adding a file and a row.

import { boardsVerb } from "./boards/verb.js";
import { completionVerb } from "./completion/verb.js";
import { conformanceVerb } from "./conformance/verb.js";
import { doctorVerb } from "./doctor/verb.js";
import { flashVerb } from "./flash/verb.js";
import { footprintVerb } from "./footprint/verb.js";
import { getVerb } from "./get/verb.js";
import { iperf3Verb } from "./iperf3/verb.js";
import { ncVerb } from "./nc/verb.js";
import { netstatVerb } from "./netstat/verb.js";
import { packetdrillVerb } from "./packetdrill/verb.js";
import { pingVerb } from "./ping/verb.js";
import { recordVerb } from "./record/verb.js";
import { replayVerb } from "./replay/verb.js";
import { runBoardVerb } from "./run-board/verb.js";
import { scenarioVerb } from "./scenario/verb.js";
import { serveVerb } from "./serve/verb.js";
import { tcpdumpVerb } from "./tcpdump/verb.js";
import { tracerouteVerb } from "./traceroute/verb.js";
import type { Verb } from "./verb.js";

export const verbs: readonly Verb[] = [
  boardsVerb,
  completionVerb,
  conformanceVerb,
  doctorVerb,
  flashVerb,
  footprintVerb,
  getVerb,
  iperf3Verb,
  ncVerb,
  netstatVerb,
  packetdrillVerb,
  pingVerb,
  recordVerb,
  replayVerb,
  runBoardVerb,
  scenarioVerb,
  serveVerb,
  tcpdumpVerb,
  tracerouteVerb,
];

/** The verb that a word names. */
export function verbNamed(word: string | undefined): Verb | undefined {
  return verbs.find(({ name, aliases = [] }) => [name, ...aliases].some((each) => each === word));
}
