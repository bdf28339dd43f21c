// The figures as tables, the same for the terminal, Markdown and HTML.

import { PING_SIZES } from "../boards/pings.js";
import { SEGMENT_SIZES } from "../boards/segments.js";
import { segmentOf, valueOf, type Budgets } from "./budgets.js";
import { COMPONENTS, IMAGE_SECTIONS } from "./cell.js";
import type { CellFigures, FootprintReport, ProfileFigures } from "./measure.js";
import { PEERS } from "./peers.js";

export interface FigureTable {
  readonly title: string;
  /** What the figures are, and how they were measured. */
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns from the left that hold words. */
  readonly words: number;
}

const NONE = "–";
const CELL = ["board", "engine", "profile"] as const;

export const formatNumber = (value: number | undefined): string =>
  value === undefined ? NONE : value.toLocaleString("en-US");

const namesOf = ({ board, engine, profile }: CellFigures) => [board, engine, profile];

function cellTable(
  { cells }: FootprintReport,
  title: string,
  about: string,
  columns: readonly (readonly [string, (cell: CellFigures) => number | undefined])[],
): FigureTable {
  const rows = cells.map((cell) => [
    ...namesOf(cell),
    ...columns.map(([, value]) => formatNumber(value(cell))),
  ]);
  return { title, about, head: [...CELL, ...columns.map(([name]) => name)], rows, words: 3 };
}

/** Tables with no row are left out. */
export function tablesOf(report: FootprintReport, budgets: Budgets): FigureTable[] {
  const tables = [
    goalTable(report, budgets),
    sizeTable(report, budgets),
    sectionTable(report),
    flashTable(report),
    ramTable(report),
    runningTable(report),
    instructionTable(report),
    connectionTable(report),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function goalTable(report: FootprintReport, { goals }: Budgets): FigureTable {
  const rows = goals.map((goal) => {
    const value = valueOf(goal, report);
    const state =
      value === undefined
        ? NONE
        : value > goal.most
          ? "over"
          : value > goal.aim
            ? "within"
            : "aim reached";
    return [
      goal.about,
      formatNumber(value),
      formatNumber(goal.most),
      formatNumber(goal.aim),
      state,
    ];
  });
  const about = "With more than the budget a test fails; the aim has none.";
  return {
    title: "Budgets",
    about,
    head: ["figure", "now", "budget", "aim", "state"],
    rows,
    words: 1,
  };
}

const sizeTable = (report: FootprintReport, { boards }: Budgets) =>
  cellTable(
    report,
    "Images",
    "Bytes of the firmware with its services, at -Os. RAM is everything: linear memory, the engine, drivers, stack.",
    [
      ["flash", ({ flash }) => flash],
      ["limit", ({ name }) => boards[name]?.flash],
      ["RAM", ({ ram }) => ram],
      ["limit", ({ name }) => boards[name]?.ram],
      ["linear memory touched", ({ memory }) => memory],
    ],
  );

function sectionTable(report: FootprintReport): FigureTable {
  const present = new Set(report.cells.flatMap(({ sections }) => Object.keys(sections)));
  const names = IMAGE_SECTIONS.filter((name) => present.has(name));
  return cellTable(
    report,
    "Sections",
    "Bytes by section of the image. .data lies in flash and in RAM.",
    names.map((name) => [name, ({ sections }: CellFigures) => sections[name] ?? 0] as const),
  );
}

const flashTable = (report: FootprintReport) =>
  cellTable(
    report,
    "Flash by component",
    "Bytes by the object files of the link map. core: the core's code; with wasm3 the module itself. rest: alignment.",
    COMPONENTS.map((name) => [name, ({ flashBy }: CellFigures) => flashBy[name]] as const),
  );

const ramTable = (report: FootprintReport) =>
  cellTable(
    report,
    "RAM by component",
    "Bytes. core: linear memory; engine: with wasm3 its heap, beside linear memory. rest: the boot block, alignment.",
    [...COMPONENTS, "stack" as const].map(
      (name) => [name, ({ ramBy }: CellFigures) => ramBy[name]] as const,
    ),
  );

function ownHeap({ highWater, memory }: CellFigures): number | undefined {
  return highWater && Math.max(0, highWater.heap - memory);
}

function runningTable(report: FootprintReport): FigureTable {
  const cells = report.cells.filter(({ highWater }) => highWater !== undefined);
  return cellTable(
    { ...report, cells },
    "Stack and engine's heap",
    "The most bytes used, in the emulator, after an echo of 100 KB over TCP. The heap of wasm3 holds linear memory, too; its own is mostly what it made of the code.",
    [
      ["stack used", ({ highWater }) => highWater?.stack],
      ["of", ({ highWater }) => highWater?.stackBytes],
      ["heap used", ({ highWater }) => highWater?.heap],
      ["of it the engine's own", ownHeap],
    ],
  );
}

function instructionTable(report: FootprintReport): FigureTable {
  const cells = report.cells.filter(({ instructions }) => instructions !== undefined);
  const pings = PING_SIZES.map(
    (bytes) =>
      [
        `ping ${formatNumber(bytes)}`,
        ({ instructions }: CellFigures) =>
          instructions?.pings.find((ping) => ping.bytes === bytes)?.instructions,
      ] as const,
  );
  const segments = SEGMENT_SIZES.map(
    (bytes) =>
      [`segment ${formatNumber(bytes)}`, (cell: CellFigures) => segmentOf(cell, bytes)] as const,
  );
  return cellTable(
    { ...report, cells },
    "Instructions",
    "Of the core, counted in the emulator: a frame with an echo request of so many bytes until its reply is built; an in-order " +
      "segment of so many bytes until its ACK is built. Checksums included, driver and copies of frames not. – : more than a ring of the profile holds.",
    [...pings, ...segments],
  );
}

function connectionTable({ profiles }: FootprintReport): FigureTable {
  const rows = profiles.map(({ profile, memory, connections, carrying, record, ring, costs }) => [
    profile,
    ...[memory, connections, carrying, record, ring].map(formatNumber),
    ...[costs[0]!.shared, costs.at(-1)!.shared, costs[0]!.own, costs.at(-1)!.own].map(formatNumber),
  ]);
  const head = [
    "profile",
    "memory",
    "connections",
    "carrying data",
    "record",
    "ring",
    "memory / 1",
    "memory / all",
    "own, 1 open",
    "own, all open",
  ];
  const about =
    "Bytes. All memory is there from the start: what each of n connections costs is a share of it. Own: its record, and two rings " +
    "for as many as can carry data at a time.";
  return { title: "Bytes per connection", about, head, rows, words: 1 };
}

export function poolTable({ profile, pools, memory }: ProfileFigures): FigureTable {
  const present = pools.filter(({ count }) => count !== 0);
  const absent = pools.filter(({ count }) => count === 0);
  const rows = present.map(({ name, count, each, bytes }) => [
    name,
    ...[count, each, bytes].map(formatNumber),
  ]);
  const left = absent.reduce((sum, { bytes }) => sum + bytes, 0);
  if (left > 0)
    rows.push(["pools without records", formatNumber(absent.length), NONE, formatNumber(left)]);
  rows.push(["all", NONE, NONE, formatNumber(memory)]);
  return {
    title: `Memory of ${profile}`,
    about:
      "Areas of assembly/memory.ts in the order of their places; bytes with what fills them up.",
    head: ["pool", "count", "bytes each", "bytes"],
    rows,
    words: 1,
  };
}

export const peerTables = (): FigureTable[] =>
  PEERS.map((peer) => ({ ...peer, words: peer.head[0] === "stack" ? 1 : 0 }));
