// Writes what firmware of one's own adds into a folder (lib/firmware.mjs). See docs/guides/firmware.md.

import { writeFirmware } from "./lib/firmware.mjs";
import { profileOf } from "./lib/profiles.mjs";

const USAGE = "npm run firmware -- PROFILE FOLDER";

const [word, folder] = process.argv.slice(2);
const profile = profileOf(word, USAGE);
if (folder === undefined) {
  console.error(`usage: ${USAGE}`);
  process.exit(2);
}
try {
  const names = await writeFirmware(profile, folder);
  console.log(`${names.join(", ")} and example/ are in ${folder}. On Linux:`);
  console.log(`  gcc -O2 -I${folder} ${folder}/*.c ${folder}/example/*.c -o mote-echo`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
