// The table of verbs: adding one is adding a file and a row.

import { packetdrillVerb } from "./packetdrill/verb.js";
import { serveVerb } from "./serve/verb.js";
import type { Verb } from "./verb.js";

export const verbs: readonly Verb[] = [packetdrillVerb, serveVerb];
