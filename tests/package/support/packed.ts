// The package as `npm pack` makes it, and what its manifest promises.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { succeed } from "./run.js";

export const fromRoot = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

export interface Packed {
  /** Name of the file. */
  readonly filename: string;
  /** Bytes of it. */
  readonly size: number;
  readonly files: readonly { path: string; size: number; mode: number }[];
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync(fromRoot("package.json"), "utf8")) as Manifest;

/** Names as a program writes them: "motetcp/net". */
export const entryName = (key: string): string => key.replace(/^\./, manifest.name);

/** Exports that are modules, as "./net"; the others are files. */
export const moduleEntries = Object.entries(manifest.exports).flatMap(([key, entry]) =>
  typeof entry === "string" ? [] : [key],
);
export const fileEntries = Object.entries(manifest.exports).flatMap(([key, entry]) =>
  typeof entry === "string" ? [key] : [],
);

/** Packs into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const words = ["pack", "--json", "--pack-destination", folder];
  const text = await succeed("npm", words, { cwd: fromRoot(".") });
  // A list, or in newer ones an object by name.
  const [packed] = Object.values(JSON.parse(text) as Record<string, Packed>);
  if (packed === undefined) throw new Error(`npm pack said: ${text}`);
  return packed;
}
