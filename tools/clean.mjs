// `npm run clean`: removes what the build makes. Packages stay.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/files.mjs";

for (const folder of ["build", "dist", ".tmp", "coverage"]) {
  rmSync(join(ROOT, folder), { recursive: true, force: true });
}
