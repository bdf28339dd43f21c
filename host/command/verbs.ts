// The table of verbs: adding one is adding a file and a row.

import { serveVerb } from "./serve/verb.js";
import type { Verb } from "./verb.js";

export const verbs: readonly Verb[] = [serveVerb];
