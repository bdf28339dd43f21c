// What only a board that runs can tell: how deep its stack and how large its engine's heap were after an echo of 100 KB,
// and the instructions of frames and segments.

import { bootBlock } from "../boards/boot.js";
import { buildFirmware } from "../boards/firmware.js";
import { startMachine } from "../boards/machine.js";
import { measurePings, type PingCost } from "../boards/pings.js";
import { openProbe } from "../boards/probe.js";
import { reportOf } from "../boards/report.js";
import { measureSegments, type SegmentCost } from "../boards/segments.js";
import { createStack, type Stack } from "../core/stack.js";
import type { Cell } from "./cell.js";

export interface HighWater {
  /** Bytes of the engine's own heap; 0: it has none. */
  readonly heap: number;
  readonly stack: number;
  readonly stackBytes: number;
}

export interface Instructions {
  readonly pings: readonly PingCost[];
  readonly segments: readonly SegmentCost[];
}

const BOARD_ADDRESS = "198.18.0.2";
const PEER = "198.18.0.1/24";
const ECHO_PORT = 7;
const ECHO_BYTES = 100_000;
const ECHO_MS = 120_000;

/** Boots the firmware as it would be flashed, and has it echo. */
export async function measureHighWater(cell: Cell): Promise<HighWater> {
  const { elf } = await buildFirmware(cell);
  const boot = bootBlock({ address: `${BOARD_ADDRESS}/24` });
  const machine = await startMachine({ board: cell.board, elf, boot, network: "here" });
  const stack = await createStack();
  try {
    await machine.console.seen(/ready\r?\n/);
    stack.attach(machine.link, { addresses: [PEER] });
    const received = await echoed(stack);
    if (received !== ECHO_BYTES) throw new Error(`${received} of ${ECHO_BYTES} bytes came back`);
    const { restarts, heap, stack: used, stackBytes } = await reportOf(machine);
    if (restarts !== 0) throw new Error("the core has trapped");
    return { heap, stack: used, stackBytes };
  } finally {
    stack.close();
    await machine.stop();
  }
}

/** Bytes that came back. */
function echoed(stack: Stack): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the echo did not end")), ECHO_MS);
    const finish = () => {
      clearTimeout(late);
      resolve(received);
    };
    const data = Buffer.alloc(ECHO_BYTES, "MoteTCP ");
    const into = Buffer.alloc(16 * 1024);
    const connection = stack.connect({ host: BOARD_ADDRESS, port: ECHO_PORT });
    let sent = 0;
    let received = 0;
    const push = () => {
      sent += connection.write(data.subarray(sent));
      if (sent === data.length) connection.shutdown();
    };
    connection.onConnect = push;
    connection.onWritable = push;
    connection.onReadable = () => {
      for (let count; (count = connection.read(into)) >= 0;) {
        received += count;
        if (count > 0) continue;
        connection.close();
        return finish();
      }
    };
    connection.onError = finish;
  });
}

/** Of the core alone, called by a probe: figures repeat exactly. */
export async function measureInstructions(cell: Cell): Promise<Instructions> {
  const { board, profile } = cell;
  const { elf } = await buildFirmware({ ...cell, program: "probe" });
  const machine = await startMachine({ board, elf, network: "none", countInstructions: true });
  try {
    const probe = await openProbe(machine.console);
    const pings = await measurePings(probe, profile, board.instructionsPerTick);
    const segments = await measureSegments(probe, profile, board.instructionsPerTick);
    return { pings, segments };
  } finally {
    await machine.stop();
  }
}
