// The command line of `mote netstat`, checked and typed before a stack is looked for.

import { parseNumber, parseStackName } from "../network/words.js";
import type { SocketFilter } from "./sockets.js";

export interface NetstatWords {
  readonly stack?: string | undefined;
  readonly tcp?: boolean | undefined;
  readonly udp?: boolean | undefined;
  readonly listening?: boolean | undefined;
  readonly timers?: boolean | undefined;
  readonly history?: boolean | undefined;
  readonly counters?: boolean | undefined;
  /** true: without a number. */
  readonly watch?: string | boolean | undefined;
  readonly closeWait?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface NetstatOptions {
  /** undefined: the only one that runs. */
  readonly stack: string | undefined;
  /** null: none are listed. */
  readonly sockets: SocketFilter | null;
  readonly timers: boolean;
  readonly history: boolean;
  readonly counters: boolean;
  /** undefined: one look, then the end. */
  readonly watchMs: number | undefined;
  /** From when on a CLOSE-WAIT is pointed out. */
  readonly closeWaitMs: number;
  readonly json: boolean;
}

export const DEFAULT_WATCH_SECONDS = 1;
export const DEFAULT_CLOSE_WAIT_SECONDS = 10;

export function parseNetstat(words: NetstatWords): NetstatOptions {
  const { stack, tcp = false, udp = false, listening = false, timers = false } = words;
  const { history = false, counters = false, json = false } = words;
  const { closeWait = `${DEFAULT_CLOSE_WAIT_SECONDS}` } = words;
  // What is about sockets asks for the list, whatever else is asked for.
  const listed = tcp || udp || listening || timers || !(history || counters);
  return {
    stack: parseStackName(stack),
    sockets: listed ? { tcp: tcp || !udp, udp: udp || !tcp, listening } : null,
    timers,
    history,
    counters,
    watchMs: parseWatch(words.watch),
    closeWaitMs: 1000 * parseNumber("--close-wait", closeWait, seconds),
    json,
  };
}

const seconds = { least: 0, most: 86_400, whole: false };

function parseWatch(word: string | boolean | undefined): number | undefined {
  if (word === undefined || word === false) return undefined;
  const text = word === true ? `${DEFAULT_WATCH_SECONDS}` : word;
  return 1000 * parseNumber("--watch", text, { ...seconds, least: 0.1 });
}
