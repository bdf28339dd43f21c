// A folder for one test file, outside the repository: nothing of its node_modules is found from there.

import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRoot, pack } from "./packed.js";
import { succeed } from "./run.js";

export interface Consumer {
  readonly folder: string;
  /** Puts a program of tests/package/programs into it; its path. */
  program(name: string): string;
  /** Installs other packages beside it. */
  add(...packages: string[]): Promise<void>;
  remove(): void;
}

export function makeFolder(): Pick<Consumer, "folder" | "remove"> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "mote-package-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An empty folder into which the package was packed and installed, as with these flags of npm. */
export async function install(...flags: string[]): Promise<Consumer> {
  const { folder, remove } = makeFolder();
  const add = async (...packages: string[]): Promise<void> => {
    const words = ["install", "--no-audit", "--no-fund", ...flags, ...packages];
    await succeed("npm", words, { cwd: folder });
  };
  try {
    const { filename } = await pack(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    await add(filename);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    folder,
    remove,
    add,
    program(name) {
      const path = join(folder, name);
      cpSync(fromRoot(`tests/package/programs/${name}`), path, { recursive: true });
      return path;
    },
  };
}
