// A C program as a board: it gets a TAP device of the test's namespace, whose other end is the kernel.

import { networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { TestContext } from "node:test";
import { start, type Running } from "../../command/support/process.js";
import { ip } from "./far.js";
import { BOUND } from "./programs.js";

export const DEVICE = "mote0";
/** Of the board, and of the kernel. */
export const ADDRESS = "198.18.0.2";
export const KERNEL = "198.18.0.1";

/** Starts a program with its words once the device is there; both are gone when the test has ended. */
export async function startOnTap(
  t: TestContext,
  program: string,
  words: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<Running> {
  await ip(`tuntap add dev ${DEVICE} mode tap`);
  await ip(`address add ${KERNEL}/24 dev ${DEVICE}`);
  await ip(`link set ${DEVICE} up`);
  const [first, ...rest] = BOUND;
  const board = start(t, first, [...rest, program, ...words], environment);
  t.after(async () => {
    board.child.kill("SIGKILL");
    await board.ended;
    await ip(`link delete ${DEVICE}`);
    while (networkInterfaces()[DEVICE] !== undefined) await delay(5);
  });
  return board;
}
