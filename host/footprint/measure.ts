// Measures what a profile takes of a board with an engine: its image, and what it does in the emulator.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Board, BoardProfile, EngineName } from "../boards/board.js";
import { bootBlock } from "../boards/boot.js";
import { buildFirmware } from "../boards/firmware.js";
import { startMachine } from "../boards/machine.js";
import { openProbe } from "../boards/probe.js";
import { measureSegments, type SegmentCost } from "../boards/segments.js";
import { firmwareBytes, sectionsOf } from "../boards/size.js";
import { createStack } from "../node/createStack.js";
import { componentsOf, type Component, type ComponentBytes } from "./components.js";
import { measurePings, type PingCost } from "./ping.js";

export interface Cell {
  readonly board: string;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
  readonly flash: number;
  /** All of it, with the stack that the board has. */
  readonly ram: number;
  readonly sections: Readonly<Record<string, number>>;
  readonly components: Readonly<Record<Component, ComponentBytes>>;
  /** Only when it ran. */
  readonly run?: RunFigures;
}

export interface RunFigures {
  /** Bytes of the stack that were ever used, of those that there are. */
  readonly stack: number;
  readonly stackBytes: number;
  /** Bytes of the engine's own heap, linear memory among them; 0: it has none. */
  readonly heap: number;
  /** null: this emulator counts no instructions. */
  readonly segments: readonly SegmentCost[] | null;
  readonly pings: readonly PingCost[] | null;
}

export interface Area {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  readonly total: number;
}

const ECHO_BYTES = 100_000;
const ECHO_PORT = 7;
const BOARD_ADDRESS = "198.18.0.2/24";
const PEER_ADDRESS = "198.18.0.1/24";
const LIMIT_MS = 60_000;

/** The memory of each profile by pool, as the build has written it down. */
export function memoryMaps(): Record<BoardProfile, readonly Area[]> {
  const path = fileURLToPath(new URL("../../../build/memory-map.json", import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as Record<BoardProfile, readonly Area[]>;
}

export async function measureImage(
  board: Board,
  engine: EngineName,
  profile: BoardProfile,
): Promise<Cell> {
  const firmware = await buildFirmware({ board, engine, profile });
  return {
    board: board.name,
    engine,
    profile,
    ...(await firmwareBytes(firmware)),
    sections: Object.fromEntries(
      [...(await sectionsOf(firmware))].filter(([name, bytes]) => bytes > 0 && isLoaded(name)),
    ),
    components: Object.fromEntries(await componentsOf(firmware)) as Cell["components"],
  };
}

const isLoaded = (section: string) =>
  /^\.(head|text|rodata|data|bss|stack|ARM\.exidx)$/.test(section);

export async function measureRun(
  board: Board,
  engine: EngineName,
  profile: BoardProfile,
): Promise<RunFigures> {
  const used = await playEcho(board, engine, profile);
  const perTick = board.instructionsPerTick;
  if (perTick === null) return { ...used, segments: null, pings: null };
  const { image } = await buildFirmware({ board, engine, profile, program: "probe" });
  const machine = await startMachine({ board, image, network: "none", countInstructions: true });
  try {
    const probe = await openProbe(machine.console);
    const segments = await measureSegments(probe, profile, perTick);
    return { ...used, segments, pings: await measurePings(probe, profile, perTick) };
  } finally {
    await machine.stop();
  }
}

/** 100 KB to the board and back; what it then says of stack and heap. */
async function playEcho(board: Board, engine: EngineName, profile: BoardProfile) {
  const { image } = await buildFirmware({ board, engine, profile });
  const boot = bootBlock({ address: BOARD_ADDRESS });
  const machine = await startMachine({ board, image, boot, network: "here" });
  const { console } = machine;
  const stack = await createStack();
  try {
    await console.seen(/ready\r?\n/);
    stack.attach(machine.link, { addresses: [PEER_ADDRESS] });
    await echo(stack);
    console.clear();
    console.write("r");
    const [, used, bytes, heap] = await console.seen(
      /stack (\d+) of (\d+) bytes, heap (\d+) bytes/,
    );
    return { stack: Number(used), stackBytes: Number(bytes), heap: Number(heap) };
  } finally {
    stack.close();
    await machine.stop();
  }
}

function echo(stack: Awaited<ReturnType<typeof createStack>>): Promise<void> {
  const [host = ""] = BOARD_ADDRESS.split("/");
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the board's echo is silent")), LIMIT_MS);
    const connection = stack.connect({ host, port: ECHO_PORT });
    const bytes = Buffer.alloc(ECHO_BYTES, "mote");
    const into = Buffer.alloc(4_096);
    let sent = 0;
    let received = 0;
    connection.onConnect = connection.onWritable = () => {
      sent += connection.write(bytes.subarray(sent));
    };
    connection.onReadable = () => {
      for (let count; (count = connection.read(into)) > 0;) received += count;
      if (received < ECHO_BYTES) return;
      clearTimeout(late);
      connection.close();
      resolve();
    };
    connection.onError = reject;
  });
}
