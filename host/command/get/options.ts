// The command line of `mote get`, checked and typed before a device is opened.

import { UsageError } from "../exit.js";
import { parseReach, type ReachWords } from "../network/reachOptions.js";
import type { StationOptions } from "../network/stationOptions.js";
import { parseNumber } from "../network/words.js";

/** As commander gives them. */
export interface GetWords extends ReachWords {
  readonly output?: string | undefined;
  readonly force?: boolean | undefined;
  readonly head?: boolean | undefined;
  readonly include?: boolean | undefined;
  readonly location?: boolean | undefined;
  readonly maxRedirects?: string | undefined;
  readonly fail?: boolean | undefined;
  readonly insecure?: boolean | undefined;
  readonly header?: readonly string[] | undefined;
  readonly wait?: string | undefined;
  readonly silent?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export interface GetOptions {
  readonly url: URL;
  readonly station: StationOptions;
  /** undefined: stdout. */
  readonly output: string | undefined;
  readonly force: boolean;
  /** HEAD in place of GET. */
  readonly head: boolean;
  /** Headers before the body. */
  readonly include: boolean;
  /** Redirects to follow at most; 0: none. */
  readonly redirects: number;
  /** A status of 400 and above is a failure. */
  readonly fail: boolean;
  /** Certificates are not checked. */
  readonly insecure: boolean;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How long a connection may take to open, and be silent. */
  readonly waitMs: number;
  readonly silent: boolean;
  readonly json: boolean;
}

export function parseGet(word: string, given: GetWords): GetOptions {
  const url = parseUrl(word);
  const { maxRedirects = "10", wait = "60", header = [] } = given;
  const most = parseNumber("--max-redirects", maxRedirects, { least: 1, most: 50 });
  const { host, port } = placeOf(url);
  return {
    url,
    station: parseReach(given, { host, port, protocol: "tcp" }),
    output: given.output,
    force: given.force === true,
    head: given.head === true,
    include: given.include === true,
    redirects: given.location === true ? most : 0,
    fail: given.fail === true,
    insecure: given.insecure === true,
    headers: header.map(parseHeader),
    waitMs: 1000 * parseNumber("-w", wait, { least: 0.01, most: 86_400, whole: false }),
    silent: given.silent === true,
    json: given.json === true,
  };
}

/** http and https, and without either http. */
function parseUrl(word: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? word : `http://${word}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === "" || url.hostname.startsWith("[")) {
    throw new UsageError(`URL is one of http or https, as in http://198.18.0.1/, not "${word}"`);
  }
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new UsageError(`URL is one of http or https, not of ${url.protocol.replace(":", "")}`);
}

/** Where the server of a URL is. */
export function placeOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  return { host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

function parseHeader(word: string): [string, string] {
  const [, name = "", value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(word) ?? [];
  if (name !== "" && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [name, value];
  throw new UsageError(`-H takes a header, as in -H 'Accept: text/html', not "${word}"`);
}
