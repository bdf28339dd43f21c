// The budgets of tests/budgets.json: what the tests hold this stack to.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CellFigures, FootprintReport } from "./measure.js";

export interface Goal {
  /** In words, with the board, engine and profile that it is about. */
  readonly about: string;
  readonly figure: "core" | "ram" | "memory" | "segment536";
  readonly board?: string;
  readonly engine?: string;
  readonly profile: string;
  /** More fails a test. */
  readonly most: number;
  readonly aim: number;
}

export interface CellLimit {
  readonly flash: number;
  readonly ram: number;
}

export interface Budgets {
  readonly goals: readonly Goal[];
  /** By the name of board, engine and profile. */
  readonly boards: Readonly<Record<string, CellLimit>>;
}

const NONE: Budgets = { goals: [], boards: {} };

/** They come with the sources; a package without tests has none. */
export function readBudgets(): Budgets {
  const path = fileURLToPath(new URL("../../../tests/budgets.json", import.meta.url));
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Budgets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NONE;
    throw error;
  }
}

/** undefined: it was not measured here. */
export function valueOf(goal: Goal, report: FootprintReport): number | undefined {
  const { figure, board, engine, profile } = goal;
  if (figure === "memory") return report.profiles.find((each) => each.profile === profile)?.memory;
  const cell = report.cells.find(
    (each) => each.board === board && each.engine === engine && each.profile === profile,
  );
  if (cell === undefined) return undefined;
  if (figure === "core") return cell.flashBy.core;
  return figure === "ram" ? cell.ram : segmentOf(cell, 536);
}

/** Instructions of one in-order segment with its acknowledgment. */
export function segmentOf({ instructions }: CellFigures, bytes: number): number | undefined {
  const cost = instructions?.segments.find((segment) => segment.bytes === bytes);
  return cost && cost.receive + cost.acknowledge;
}

/** Of flash and RAM a limit is this much more than what was measured. */
const MARGIN = 1.02;

export const limitFor = ({ flash, ram }: CellLimit): CellLimit => ({
  flash: Math.ceil(flash * MARGIN),
  ram: Math.ceil(ram * MARGIN),
});

/** What is over its budget, in words. */
export function overBudget(report: FootprintReport, { goals, boards }: Budgets): string[] {
  const problems: string[] = [];
  const check = (what: string, value: number | undefined, most: number | undefined) => {
    if (value === undefined || most === undefined || value <= most) return;
    problems.push(`${what}: ${value}, at most ${most} allowed`);
  };
  for (const goal of goals) check(goal.about, valueOf(goal, report), goal.most);
  for (const { name, flash, ram } of report.cells) {
    check(`${name}: bytes of flash`, flash, boards[name]?.flash);
    check(`${name}: bytes of RAM`, ram, boards[name]?.ram);
  }
  return problems;
}
