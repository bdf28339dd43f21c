// The modules that every test of this folder runs with, the same code and the same assertions for
// each: what node:net of this Node does is what motetcp/net is held to.

import nodeNet from "node:net";
import { test, type TestContext } from "node:test";
import mote from "../../../host/net/index.js";

export type Net = typeof nodeNet;

export interface Module {
  readonly name: string;
  readonly net: Net;
  /** For import() in another process or thread. */
  readonly specifier: string;
  readonly isOurs: boolean;
}

export const modules: readonly Module[] = [
  { name: "node:net", net: nodeNet, specifier: "node:net", isOurs: false },
  {
    name: "motetcp/net",
    net: mote as unknown as Net,
    specifier: new URL("../../../host/net/index.js", import.meta.url).href,
    isOurs: true,
  },
];

/** A test that waits for what never comes ends after this. */
const TIMEOUT_MS = 15_000;

export type Body = (net: Net, t: TestContext, module: Module) => void | Promise<void>;

/** One behaviour, once with each module. `skip`: why this Node has nothing to compare with. */
export function netTest(title: string, body: Body, { skip }: { skip?: string | false } = {}): void {
  for (const module of modules) {
    const options = { timeout: TIMEOUT_MS, ...(skip ? { skip } : {}) };
    test(`${title} (${module.name})`, options, (t) => body(module.net, t, module));
  }
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** This Node is that version or a later one. */
export const isNode = (wantedMajor: number, wantedMinor = 0): boolean =>
  major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
