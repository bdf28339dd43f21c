// The Nodes that the package has to run on, from the npm packages that hold nothing but one; kept in build/nodes.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromRoot } from "./packed.js";
import { succeed } from "./run.js";

/** The oldest that package.json allows, and the two lines with long-term support after it. */
export const VERSIONS = ["20.19.0", "22.23.3", "24.21.0"] as const;

const { platform, arch } = process;
const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
const system = platform === "win32" ? "win" : platform;
const NAME = `${prefix}-${system}-${arch}`;

/** Path of the program. */
export async function provideNode(version: (typeof VERSIONS)[number]): Promise<string> {
  const home = fromRoot(`build/nodes/${version}`);
  const program = join(home, "node_modules", NAME, "bin/node");
  if (existsSync(program)) return program;
  mkdirSync(fromRoot("build/nodes"), { recursive: true });
  // Another test may be fetching it, too: whoever is first puts it in its place.
  const partial = mkdtempSync(fromRoot(`build/nodes/.${version}-`));
  const words = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `${NAME}@${version}`];
  try {
    await succeed("npm", ["install", "--prefix", partial, ...words], { cwd: partial });
    if (!existsSync(program)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return program;
}
