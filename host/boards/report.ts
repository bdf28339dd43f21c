// What a board's firmware says about itself when it is asked.

import type { Machine } from "./machine.js";

export interface Report {
  readonly restarts: number;
  readonly link: number;
  /** The most bytes of the stack that were ever used, of how many. */
  readonly stack: number;
  readonly stackBytes: number;
  /** The most bytes that the engine's heap ever had; 0: it has none. */
  readonly heap: number;
}

export async function reportOf({ console }: Pick<Machine, "console">): Promise<Report> {
  console.clear();
  console.write("r");
  const [, link, restarts, stack, stackBytes, heap] = await console.seen(
    /link (\d+), restarts (\d+), stack (\d+) of (\d+) bytes, heap (\d+) bytes\r?\n/,
  );
  return {
    link: Number(link),
    restarts: Number(restarts),
    stack: Number(stack),
    stackBytes: Number(stackBytes),
    heap: Number(heap),
  };
}
