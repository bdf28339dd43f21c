// Colours, by the rules of the terminal: none where output is not a terminal, none under NO_COLOR
// (https://no-color.org) or TERM=dumb.

import { styleText } from "node:util";

export type Format = Parameters<typeof styleText>[0];

/** Wraps text in a style, or leaves it alone. */
export type Paint = (format: Format, text: string) => string;

export interface StreamLike {
  readonly isTTY?: boolean;
}

export function usesColour(stream: StreamLike, env: NodeJS.ProcessEnv): boolean {
  const refused = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  return stream.isTTY === true && !refused && env["TERM"] !== "dumb";
}

export function createPaint(stream: StreamLike, env: NodeJS.ProcessEnv): Paint {
  // Whether to colour is decided above, so that one rule holds for every version of Node.
  if (!usesColour(stream, env)) return (_format, text) => text;
  return (format, text) => (text === "" ? "" : styleText(format, text, { validateStream: false }));
}
