// Which stack a registered program gets: the thread's loopback world, which `motetcp/net` has, too, or one of
// its own over the link that the environment names.

import { createStackSync } from "../node/createStack.js";
import { openTap } from "../link/tap.js";
import { netOf } from "../net/attach.js";
import own from "../net/index.js";
import type { NetModule } from "../net/module.js";
import { laterLink } from "./laterLink.js";
import { linkSettings } from "./settings.js";

export function chosenNet(environment: NodeJS.ProcessEnv): NetModule {
  const settings = linkSettings(environment);
  if (settings === null) return own;
  const { tapName, hostAddress, addresses, router, nameServers } = settings;
  const stack = createStackSync();
  const link = laterLink(openTap(tapName, { hostAddress }));
  stack.attach(link, { addresses, ...(router === undefined ? {} : { router }) });
  if (nameServers.length > 0) stack.setNameServers(nameServers);
  return netOf(stack);
}
