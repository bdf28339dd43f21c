// The tables of the footprint, as data: printed on a terminal, written as Markdown, HTML and JSON from the same.

import type { BoardProfile } from "../boards/board.js";
import { FLASH_SECTIONS, RAM_SECTIONS } from "../boards/size.js";
import { COMPONENTS } from "./components.js";
import type { Area, Cell } from "./measure.js";
import { PEERS } from "./peers.js";

export interface Table {
  readonly title: string;
  readonly text: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Bytes of linear memory that n connections take, n from 0 on. */
export interface Growth {
  readonly profile: BoardProfile;
  readonly bytes: readonly number[];
}

export interface Report {
  readonly cells: readonly Cell[];
  readonly maps: Readonly<Record<BoardProfile, readonly Area[]>>;
}

const nameOf = ({ board, engine, profile }: Cell) => [board, engine, profile];

export function tablesOf({ cells, maps }: Report): Table[] {
  return [
    flashTable(cells),
    sectionTable(cells),
    ramTable(cells),
    instructionTable(cells),
    ...Object.entries(maps).map(([profile, areas]) => mapTable(profile, areas)),
    peerTable(cells),
  ].filter(({ rows }) => rows.length > 0);
}

function flashTable(cells: readonly Cell[]): Table {
  return {
    title: "Flash",
    text: "Bytes of each image, and of what it is made of. The interpreter's core is the module itself.",
    head: ["board", "engine", "profile", "flash", ...COMPONENTS],
    rows: cells.map((cell) => [
      ...nameOf(cell),
      cell.flash,
      ...COMPONENTS.map((component) => cell.components[component].flash),
    ]),
  };
}

const SECTIONS = [...new Set([...FLASH_SECTIONS, ...RAM_SECTIONS, ".stack"])];

function sectionTable(cells: readonly Cell[]): Table {
  const names = SECTIONS.filter((name) => cells.some(({ sections }) => sections[name]));
  return {
    title: "Sections",
    text: "Bytes of each image by the linker's sections; .data lies in flash and in RAM.",
    head: ["board", "engine", "profile", ...names],
    rows: cells.map((cell) => [...nameOf(cell), ...names.map((name) => cell.sections[name] ?? 0)]),
  };
}

function ramTable(cells: readonly Cell[]): Table {
  return {
    title: "RAM",
    text: "All of it, stack and linear memory included. Used: of the stack after an echo of 100 KB, and of the engine's own heap, in which an interpreter has its code and linear memory.",
    head: ["board", "engine", "profile", "RAM", "stack", "stack used", "heap used", "driver"],
    rows: cells.map((cell) => [
      ...nameOf(cell),
      cell.ram,
      cell.sections[".stack"] ?? 0,
      cell.run?.stack ?? null,
      cell.run === undefined ? null : cell.run.heap,
      cell.components.driver.ram,
    ]),
  };
}

/** Of one size: receiving the segment, and its acknowledgment. */
function segmentText({ run }: Cell, bytes: number): number | null {
  const found = run?.segments?.find((segment) => segment.bytes === bytes);
  return found === undefined ? null : found.receive + found.acknowledge;
}

function instructionTable(cells: readonly Cell[]): Table {
  const counted = cells.filter(({ run }) => Array.isArray(run?.segments));
  return {
    title: "Instructions",
    text: "Of an in-order segment with so many bytes and its acknowledgment, and of a ping with its reply: the calls of the core, counted exactly (QEMU's -icount; in unicorn by blocks of code). Code is made with -Os.",
    head: [
      "board",
      "engine",
      "profile",
      ...[1, 64, 536, 1_460].map((bytes) => `${bytes} bytes`),
      "ping of 56",
      "ping of 1,400",
    ],
    rows: counted.map((cell) => [
      ...nameOf(cell),
      ...[1, 64, 536, 1_460].map((bytes) => segmentText(cell, bytes)),
      ...[56, 1_400].map(
        (bytes) => cell.run?.pings?.find((ping) => ping.bytes === bytes)?.instructions ?? null,
      ),
    ]),
  };
}

/** Areas that a profile has none of keep a few bytes, so that their address is one. */
const isThere = ({ count }: Area) => count > 0;

function mapTable(profile: string, areas: readonly Area[]): Table {
  const rest = areas.filter((area) => !isThere(area)).reduce((sum, { total }) => sum + total, 0);
  const rows = areas
    .filter(isThere)
    .map(({ name, count, bytes, total }) => [name, count, bytes, total]);
  if (rest > 0) rows.push(["of pools that are not there", null as never, null as never, rest]);
  const sum = areas.reduce((all, { total }) => all + total, 0);
  return {
    title: `Memory of ${profile}`,
    text: "The core's linear memory by pool, with the names of assembly/memory.ts.",
    head: ["pool", "count", "bytes each", "bytes"],
    rows: [...rows, ["all", null, null, sum]],
  };
}

function peerTable(cells: readonly Cell[]): Table {
  const own = cells
    .filter(({ board, engine }) => board === "mps2-an385" && engine === "aot")
    .map((cell): (string | number | null)[] => [
      `MoteTCP ${cell.profile}, ahead of time`,
      cell.components.core.flash,
      "216 bytes and rings",
      segmentText(cell, 536),
    ]);
  return {
    title: "Beside other stacks",
    text: "Code on Cortex-M3, -Os: TCP, IPv4, ARP, ICMP and an echo application, built on 2026-11-21, lwIP 2.1.3 on 2026-11-26; instructions of an in-order segment of 536 bytes and its acknowledgment. Those are native code; this core's has an exact check in each load and store. lwIP hands over the buffer in which a frame came, this core copies its data into a ring. esp32 has UDP, DHCP, DNS, multicast DNS and SNTP besides.",
    head: ["stack", "code", "connection", "segment of 536"],
    rows: [
      ...own,
      ...PEERS.map(({ name, code, connection, segment }) => [name, code, connection, segment]),
    ],
  };
}

/** Records are there from the beginning; a connection takes a share of the pools, and rings while data flow. */
export function growthOf(profile: BoardProfile, areas: readonly Area[]): Growth {
  const find = (name: string) => areas.find((area) => area.name === name);
  const all = areas.reduce((sum, { total }) => sum + total, 0);
  const rings = find("RING_AREA")?.total ?? 0;
  const tcbs = find("TCBS")!;
  const pairs = profile === "tiny" ? tcbs.count : tcbs.count / 2;
  const perConnection = tcbs.bytes + rings / pairs;
  const fixed = all - pairs * perConnection;
  const bytes = Array.from({ length: pairs + 1 }, (_, n) => Math.round(fixed + n * perConnection));
  return { profile, bytes };
}
