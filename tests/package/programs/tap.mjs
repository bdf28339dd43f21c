// Asks for a TAP device, and prints what is said about it.

import { openTap } from "motetcp";

try {
  await openTap("mote-none");
  console.log("opened");
} catch (error) {
  console.log(`${error.code}: ${error.message}`);
}
