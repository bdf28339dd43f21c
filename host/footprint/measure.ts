// Everything that `mote footprint` measures, as plain data: footprint.json is this.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BOARDS, type Board } from "../boards/board.js";
import { lacking } from "../boards/lacking.js";
import { coreFile, createCore, PROFILES, type ProfileName } from "../core/core.js";
import { Constant } from "../core/generated/abi.js";
import { cellName, cellsOf, measureSizes, type Cell, type CellSizes } from "./cell.js";
import { connectionCosts, type ConnectionCost, type ProfileNumbers } from "./connections.js";
import { readMemoryMap, type Pool } from "./memoryMap.js";
import {
  measureHighWater,
  measureInstructions,
  type HighWater,
  type Instructions,
} from "./running.js";

export interface ProfileFigures extends ProfileNumbers {
  readonly sha256: string;
  /** Bytes of the module. */
  readonly module: number;
  readonly pools: readonly Pool[];
  readonly costs: readonly ConnectionCost[];
}

export interface CellFigures extends CellSizes {
  readonly name: string;
  readonly board: string;
  readonly engine: string;
  readonly profile: string;
  /** Bytes of linear memory touched. */
  readonly memory: number;
  /** Undefined: not measured. */
  readonly highWater?: HighWater;
  readonly instructions?: Instructions;
}

export interface FootprintReport {
  readonly profiles: readonly ProfileFigures[];
  readonly cells: readonly CellFigures[];
  /** What could not be measured, and what would help. */
  readonly problems: readonly string[];
}

export interface MeasureOptions {
  readonly boards?: readonly Board[];
  /** Nothing that needs an emulator. */
  readonly quick?: boolean;
  /** Told what is done, before anything that takes its time. */
  readonly onStep?: (text: string) => void;
}

export async function measureFootprint(options: MeasureOptions = {}): Promise<FootprintReport> {
  const { boards = BOARDS, quick = false, onStep = () => undefined } = options;
  const profiles: ProfileFigures[] = [];
  for (const profile of PROFILES) profiles.push(await measureProfile(profile));
  const cells: CellFigures[] = [];
  const problems: string[] = [];
  for (const board of boards) {
    const missing = new Set(await lacking(board));
    if (missing.size > 0) problems.push(`${board.name}: apt-get install ${[...missing].join(" ")}`);
    for (const cell of cellsOf([board])) {
      onStep(cellName(cell));
      const found = await measureCell(cell, quick || missing.size > 0, onStep).catch(
        (error: Error) => error.message,
      );
      if (typeof found !== "string") cells.push(found.figures);
      const said = typeof found === "string" ? [found] : found.problems;
      // What is missing was said once for the board.
      if (missing.size === 0) problems.push(...said.map((text) => `${cellName(cell)}: ${text}`));
    }
  }
  return { profiles, cells, problems };
}

export async function measureProfile(profile: ProfileName): Promise<ProfileFigures> {
  const [bytes, core, pools] = await Promise.all([
    readFile(coreFile(profile)),
    createCore(profile),
    readMemoryMap(profile),
  ]);
  const rings = Math.min(core.constant(Constant.RECEIVE_RINGS), core.constant(Constant.SEND_RINGS));
  const connections = core.constant(Constant.TCBS);
  const numbers = {
    profile,
    memory: core.constant(Constant.MEMORY_BYTES),
    connections,
    carrying: Math.min(connections, rings),
    record: core.constant(Constant.CONNECTION_BYTES),
    ring: core.constant(Constant.RECEIVE_RING_BYTES),
  };
  return {
    ...numbers,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    module: bytes.length,
    pools,
    costs: connectionCosts(numbers),
  };
}

/** Sizes, and what runs; what does not work leaves the rest as it is. */
async function measureCell(
  cell: Cell,
  quick: boolean,
  onStep: (text: string) => void,
): Promise<{ figures: CellFigures; problems: string[] }> {
  const { board, engine, profile } = cell;
  const core = await createCore(profile);
  const memory = core.constant(Constant.MEMORY_BYTES);
  const sizes = await measureSizes(cell, memory, (text) => onStep(`  ${text}`));
  const names = { name: cellName(cell), board: board.name, engine, profile, memory };
  const problems: string[] = [];
  const tried = async <T>(what: string, work: (cell: Cell) => Promise<T>) => {
    if (quick) return undefined;
    onStep(`  ${what}`);
    try {
      return await work(cell);
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const highWater = await tried("stack and heap after an echo of 100 KB", measureHighWater);
  const instructions = await tried("instructions", measureInstructions);
  const figures = {
    ...names,
    ...sizes,
    ...(highWater && { highWater }),
    ...(instructions && { instructions }),
  };
  return { figures, problems };
}
