// --help on a terminal narrower than its lines: texts are folded under the column in which they begin, commands in
// examples with a backslash, so that they can still be pasted.

import { foldLine, foldText, widthOf } from "./columns.js";

const INDENT = 6;

export function foldHelp(text: string, columns: number): string {
  let inExamples = false;
  const lines = text.split("\n").map((line) => {
    if (!line.startsWith(" ")) inExamples = line === "Examples:";
    return inExamples ? foldExample(line, columns) : foldText(line, columns);
  });
  return lines.join("\n");
}

/** "  mote ss -tlo        who listens, with timers": the command whole where there is room for it. */
function foldExample(line: string, columns: number): string {
  const [, leading = "", command = "", , remark = ""] = /^( *)(.*?)(?:( {2,})(.*))?$/.exec(line)!;
  if (leading === "" || widthOf(leading + command) <= columns) return foldText(line, columns);
  const indent = " ".repeat(INDENT);
  const pieces = foldLine(leading + command, columns - " \\".length).map((piece, index) =>
    index === 0 ? piece : `${indent}${piece.trimStart()}`,
  );
  const remarks = remark === "" ? [] : foldLine(`${indent}${remark}`, columns);
  return [pieces.join(" \\\n"), ...remarks].join("\n");
}
