// `npm run setup:system`: installs the system packages that the interop tests use.

import { installPackages, missingPackages } from "./lib/system.mjs";

const missing = missingPackages();
if (missing.length === 0) {
  console.log("All packages of tests/packages.apt are installed.");
} else {
  const problem = installPackages(missing);
  const still = missingPackages();
  if (problem !== "" || still.length > 0) {
    console.error(problem || `These packages are still missing: ${still.join(" ")}`);
    process.exitCode = 1;
  } else {
    console.log(`Installed: ${missing.join(" ")}`);
  }
}
