// The entry for browsers as one file, and a context that has what a page has and nothing of Node's.

import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { build, type Metafile } from "esbuild";
import type * as browser from "../../../host/browser.js";
import { fromRoot } from "../../static/support/module.js";

export interface Bundle {
  text: string;
  metafile: Metafile;
  warnings: string[];
}

/** `more`: modules below dist/host that the page has beside the entry. */
export async function bundle(more: readonly string[] = []): Promise<Bundle> {
  const modules = ["browser.js", ...more];
  const { outputFiles, metafile, warnings } = await build({
    stdin: {
      contents: modules.map((name) => `export * from "./${name}";`).join("\n"),
      resolveDir: fromRoot("dist/host"),
    },
    bundle: true,
    write: false,
    metafile: true,
    platform: "neutral",
    format: "iife",
    globalName: "motetcp",
    minifyWhitespace: true,
    // A classic script has no import.meta; such a page says where the module is.
    logOverride: { "empty-import-meta": "silent" },
    logLevel: "silent",
  });
  return { text: outputFiles[0]!.text, metafile, warnings: warnings.map((each) => each.text) };
}

export const coreBytes = (profile = "desktop"): Buffer =>
  readFileSync(fromRoot(`build/${profile}.wasm`));

/** As in browsers whose streams do not know memory of the reader's. */
const PlainStream = new Proxy(ReadableStream, {
  construct(target, words: [{ type?: string }, QueuingStrategy?]) {
    if (words[0].type === "bytes") throw new RangeError("no such type");
    return Reflect.construct(target, words) as object;
  },
});

export interface Page {
  motetcp: typeof browser;
  /** Lets go of what would keep the process. */
  leave(): void;
}

/** Runs the bundle where only globals of the web are. */
export function openPage(text: string, { allowsWasm = true, hasByteStreams = true } = {}): Page {
  const channels: { port1: { close(): void } }[] = [];
  class PageChannel extends MessageChannel {
    constructor() {
      super();
      channels.push(this);
    }
  }
  // Timers of a page are numbers.
  const timers = {
    setTimeout: (callback: () => void, ms: number) => Number(setTimeout(callback, ms)),
    clearTimeout,
    setInterval: (callback: () => void, ms: number) => Number(setInterval(callback, ms).unref()),
    clearInterval,
  };
  const context = createContext(
    {
      ...timers,
      MessageChannel: PageChannel,
      queueMicrotask,
      crypto,
      performance,
      fetch,
      Response,
      URL,
      TextEncoder,
      TextDecoder,
      AbortController,
      AbortSignal,
      ReadableStream: hasByteStreams ? ReadableStream : PlainStream,
      WritableStream,
    },
    { codeGeneration: { strings: false, wasm: allowsWasm } },
  );
  runInContext(text, context);
  const motetcp = runInContext("motetcp", context) as typeof browser;
  return {
    motetcp,
    leave: () => channels.forEach(({ port1 }) => port1.close()),
  };
}
