// Ends with 0 when a TAP device can be opened here, else says why not.

import { openTap } from "../../../host/link/tap.js";

try {
  (await openTap("probe0", { watch: false })).close();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
