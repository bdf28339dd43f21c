// The table of verbs: adding one is adding a file and a row.

import { flashVerb } from "./flash/verb.js";
import { footprintVerb } from "./footprint/verb.js";
import { getVerb } from "./get/verb.js";
import { ncVerb } from "./nc/verb.js";
import { packetdrillVerb } from "./packetdrill/verb.js";
import { pingVerb } from "./ping/verb.js";
import { runBoardVerb } from "./run-board/verb.js";
import { serveVerb } from "./serve/verb.js";
import { tracerouteVerb } from "./traceroute/verb.js";
import type { Verb } from "./verb.js";

export const verbs: readonly Verb[] = [
  flashVerb,
  footprintVerb,
  getVerb,
  ncVerb,
  packetdrillVerb,
  pingVerb,
  runBoardVerb,
  serveVerb,
  tracerouteVerb,
];
