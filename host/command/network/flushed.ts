// The end of a verb that writes more to stdout than a pipe holds: whoever reads it has got everything.

/** Also when nobody reads it any more. */
export function flushed(stdout: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stdout.write("", () => resolve()));
}
