// A board of the table in its emulator, and a stack of this process at the other end of its Ethernet.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Board, BoardProfile, EngineName } from "../../../host/boards/board.js";
import { bootBlock } from "../../../host/boards/boot.js";
import { buildFirmware } from "../../../host/boards/firmware.js";
import { lacking } from "../../../host/boards/lacking.js";
import { startMachine, type Machine } from "../../../host/boards/machine.js";
import { openProbe, type Probe } from "../../../host/boards/probe.js";
import type { Stack } from "../../../host/core/stack.js";
import { createStack } from "../../../host/node/createStack.js";

export const BOARD_ADDRESS = "198.18.0.2";
const PEER = "198.18.0.1/24";

/** One cell of board x engine x profile. */
export interface Cell {
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
}

export const nameOf = ({ board, engine, profile }: Cell) => `${board.name}, ${engine}, ${profile}`;

export function cellsOf(boards: readonly Board[]): Cell[] {
  return boards.flatMap((board) =>
    (["aot", "wasm3"] as const).flatMap((engine) =>
      board.engines[engine].map((profile) => ({ board, engine, profile })),
    ),
  );
}

/** Why a board cannot run here; false: it can. */
export async function skipOf(board: Board): Promise<string | false> {
  const missing = await lacking(board);
  return missing.length > 0 && `missing: ${missing.join(", ")}`;
}

export interface Bench {
  readonly machine: Machine;
  readonly stack: Stack;
  /** Fails when the board has started its core anew without being told to. */
  assertNeverRestarted(): Promise<void>;
}

/** What a board says about itself when it is asked. */
export interface Report {
  readonly restarts: number;
  readonly link: number;
  readonly stack: number;
  readonly stackBytes: number;
  readonly heap: number;
}

export async function reportOf({ console }: Machine): Promise<Report> {
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

/** Boots the firmware with what only tests may do, and attaches a stack. */
export async function startBench(t: TestContext, cell: Cell): Promise<Bench> {
  const { image } = await buildFirmware({ ...cell, testing: true });
  const boot = bootBlock({ address: `${BOARD_ADDRESS}/24` });
  const machine = await startMachine({ board: cell.board, image, boot, network: "here" });
  t.after(() => machine.stop());
  await machine.console.seen(/ready\r?\n/);
  const stack = await createStack();
  t.after(() => stack.close());
  stack.attach(machine.link, { addresses: [PEER] });
  return {
    machine,
    stack,
    async assertNeverRestarted() {
      const { restarts, stack: used, stackBytes } = await reportOf(machine);
      assert.equal(restarts, 0, "the core has trapped");
      assert.ok(used < stackBytes, `the whole stack was used: ${used} of ${stackBytes} bytes`);
    },
  };
}

export async function startProbe(t: TestContext, cell: Cell): Promise<Probe> {
  const { image } = await buildFirmware({ ...cell, program: "probe" });
  const machine = await startMachine({ board: cell.board, image, network: "none" });
  t.after(() => machine.stop());
  return openProbe(machine.console);
}
