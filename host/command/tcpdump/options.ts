// The command line of `mote tcpdump`, checked and typed before anything is opened.

import { LEAST_WIDTH } from "../../dissect/ladder.js";
import { createFilter, type Filter } from "../../dissect/filter/filter.js";
import { messageOf, UsageError } from "../exit.js";
import { parseNumber, parseStackName } from "../network/words.js";

/** As commander gives them. */
export interface TcpdumpWords {
  readonly read?: string | undefined;
  readonly interface?: string | undefined;
  readonly stack?: string | undefined;
  readonly count?: string | undefined;
  readonly write?: string | undefined;
  readonly force?: boolean | undefined;
  readonly hex?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly absolute?: boolean | undefined;
  readonly ladder?: boolean | undefined;
  readonly width?: string | undefined;
  readonly json?: boolean | undefined;
}

export type SourceChoice =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "interface"; readonly name: string }
  /** undefined: the only one that runs. */
  | { readonly kind: "stack"; readonly name: string | undefined };

/** How frames are shown. */
export type Form = "lines" | "json" | "ladder";

export interface TcpdumpOptions {
  readonly source: SourceChoice;
  readonly filter: Filter;
  /** Infinity: all. */
  readonly count: number;
  /** Where a capture is written; "-" is stdout, undefined: nowhere, frames are shown. */
  readonly write: string | undefined;
  readonly force: boolean;
  readonly form: Form;
  readonly hex: boolean;
  readonly verbose: boolean;
  readonly absolute: boolean;
  /** Columns of the ladder; undefined: the terminal's. */
  readonly width: number | undefined;
}

const MOST_WIDTH = 400;

export function parseTcpdump(filter: readonly string[], words: TcpdumpWords): TcpdumpOptions {
  const { count, write, width, hex = false, verbose = false } = words;
  const form = formOf(words);
  if (write !== undefined) refuseWith("-w writes frames and shows none", words, SHOWING);
  if (form === "json") refuseWith("--json has everything of a segment", words, ["hex", "verbose"]);
  if (form === "ladder") refuseWith("--ladder draws segments", words, ["hex", "verbose"]);
  if (width !== undefined && form !== "ladder") throw new UsageError("--width is for --ladder");
  if (words.force === true && (write === undefined || write === "-")) {
    throw new UsageError("--force lets -w FILE overwrite a file");
  }
  return {
    source: sourceOf(words),
    filter: filterOf(filter.join(" ")),
    count: count === undefined ? Infinity : parseNumber("-c", count, { least: 1, most: 1e9 }),
    write,
    force: words.force === true,
    form,
    hex,
    verbose,
    absolute: words.absolute === true,
    width:
      width === undefined
        ? undefined
        : parseNumber("--width", width, { least: LEAST_WIDTH, most: MOST_WIDTH }),
  };
}

type Switch = "hex" | "verbose" | "absolute" | "ladder" | "json";

const SHOWING: readonly Switch[] = ["hex", "verbose", "absolute", "ladder", "json"];

const NAMES: Readonly<Record<Switch, string>> = {
  hex: "-X",
  verbose: "-v",
  absolute: "--absolute",
  ladder: "--ladder",
  json: "--json",
};

function refuseWith(why: string, words: TcpdumpWords, switches: readonly Switch[]): void {
  const given = switches.find((name) => words[name] === true);
  if (given !== undefined) throw new UsageError(`${why}; leave out ${NAMES[given]}`);
}

function formOf({ json, ladder }: TcpdumpWords): Form {
  if (json === true && ladder === true) throw new UsageError("--json or --ladder, not both");
  return json === true ? "json" : ladder === true ? "ladder" : "lines";
}

function sourceOf({ read, interface: device, stack }: TcpdumpWords): SourceChoice {
  if ([read, device, stack].filter((word) => word !== undefined).length > 1) {
    throw new UsageError("-r, -i or --stack: one of them says where frames come from");
  }
  if (read !== undefined) return { kind: "file", path: read };
  if (device === undefined) return { kind: "stack", name: parseStackName(stack) };
  const name = device.replace(/^tap:/, "");
  // Linux: at most 15 bytes (IFNAMSIZ - 1), no slash, no white space.
  if (/^[^\s/:]{1,15}$/.test(name)) return { kind: "interface", name };
  throw new UsageError(`-i takes the name of a network interface, as in -i mote0, not "${device}"`);
}

function filterOf(text: string): Filter {
  try {
    return createFilter(text);
  } catch (error) {
    throw new UsageError(`filter: ${messageOf(error)}`);
  }
}
