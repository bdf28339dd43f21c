// Writes the ESP-IDF project of a profile: build/esp32-idf. See docs/guides/esp32.md.

import { join, relative } from "node:path";
import { ROOT } from "./lib/files.mjs";
import { exportIdfProject } from "./lib/idfProject.mjs";
import { profileOf } from "./lib/profiles.mjs";

const profile = profileOf(process.argv[2] ?? "esp32", "npm run board:esp32 -- [PROFILE]");
try {
  const folder = await exportIdfProject(profile, join(ROOT, "build/esp32-idf"));
  console.log(
    `${relative(process.cwd(), folder)}: idf.py set-target esp32, idf.py menuconfig, idf.py build`,
  );
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
