// One run of `mote doctor`: looks at everything, says what it found, and the lines that enable what is missing.

import Table from "cli-table3";
import { foldLine, foldText, roomOf, widthOf } from "../columns.js";
import { EXIT_FAILURE, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { checks, type Check, type Finding, type FindingState } from "./checks.js";
import { machineProbe, type Probe } from "./probe.js";
import { findSystem, isProved, type System } from "./system.js";

interface Result extends Finding, Pick<Check, "name" | "use" | "isNeeded"> {}

/** Exit code 1: something is missing without which nothing works. */
export async function doctor(json: boolean, io: Io, probe: Probe = machineProbe): Promise<number> {
  const system = findSystem(probe);
  const results: Result[] = [];
  for (const check of checks) {
    const { name, use, isNeeded } = check;
    results.push({ name, use, isNeeded, ...(await check.look(probe, system)) });
  }
  io.stdout.write(
    json ? `${JSON.stringify({ system, checks: results })}\n` : text(system, results, io),
  );
  return results.some(({ isNeeded, state }) => isNeeded && state === "missing")
    ? EXIT_FAILURE
    : EXIT_OK;
}

/** The longest mark, and two blanks. */
const MARK_WIDTH = 5;
const MARKS: Readonly<Record<FindingState, string>> = { ok: "yes", missing: "no", none: "-" };

function text(system: System, results: readonly Result[], { paint, stdout }: Io): string {
  const room = roomOf(stdout);
  const colour = (state: FindingState) =>
    paint(state === "ok" ? "green" : state === "missing" ? "yellow" : "dim", MARKS[state]);
  const where = `${system.title}${system.isContainer ? ", in a container" : ""}`;
  const table = new Table({
    head: ["", "what", "found", "for"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, use, state, text: found } of results)
    table.push([colour(state), name, found, use]);
  const whole = table.toString();
  const fits = whole.split("\n").every((line) => widthOf(line) <= room);
  const shown = fits ? whole : listOf(results, room, colour);
  return `${where}\n\n${shown}\n${foldProse(remedies(system, results), room)}`;
}

/** Commands stay whole, so that they can be copied. */
function foldProse(text: string, room: number): string {
  const lines = text.split("\n");
  return lines.map((line) => (/^ {2}\S/.test(line) ? line : foldText(line, room))).join("\n");
}

/** The same where the table has no room. */
function listOf(
  results: readonly Result[],
  room: number,
  colour: (state: FindingState) => string,
): string {
  const indent = " ".repeat(MARK_WIDTH);
  const lines = results.flatMap(({ name, use, state, text: found }) => {
    const [first = "", ...rest] = foldLine(`${indent}${name}: ${found}`, room);
    const mark = colour(state) + " ".repeat(MARK_WIDTH - MARKS[state].length);
    return [mark + first.trimStart(), ...rest, ...foldLine(`${indent}for ${use}`, room)];
  });
  return lines.join("\n");
}

function remedies(system: System, results: readonly Result[]): string {
  const lacking = results.filter(({ state }) => state === "missing");
  if (lacking.length === 0) return "\nNothing is missing.\n";
  // One package may bring several programs.
  const lines = new Map<string, string[]>();
  for (const { name, line } of lacking) {
    if (line !== null) lines.set(line, [...(lines.get(line) ?? []), name]);
  }
  const known = [...lines].map(([line, names]) => `  ${line}\n    ${names.join(", ")}\n`);
  const unproved = [...lines.keys()]
    .filter((line) => !isProved(system, line))
    .map((line) => `  ${line}\n`);
  const unknown = lacking.filter(({ line }) => line === null).map(({ name }) => name);
  return [
    known.length > 0 ? `\nTo enable what is missing:\n${known.join("")}` : "",
    unknown.length > 0 ? `\nFor this system no line is known for: ${unknown.join(", ")}\n` : "",
    unproved.length > 0
      ? `\nNobody has run on such a system yet, they are from documentation:\n${unproved.join("")}`
      : "",
  ].join("");
}
