// Which stack a registered program gets: the thread's loopback world, which `motetcp/net` has, too, or one of
// its own over the link that the environment names.

import own from "../net/index.js";
import type { NetModule } from "../net/module.js";

export function chosenNet(_environment: NodeJS.ProcessEnv): NetModule {
  return own;
}
