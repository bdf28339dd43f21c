// The list of boards: what each is, which builds fit it, and what is missing to run it here.

import { BOARDS } from "../../boards/board.js";
import { lacking } from "../../boards/lacking.js";
import { foldLine, roomOf } from "../columns.js";
import { EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";

export async function listBoards(io: Io): Promise<number> {
  for (const board of BOARDS) {
    const missing = await lacking(board);
    const state =
      missing.length === 0
        ? io.paint("green", "runs here")
        : io.paint("yellow", `needs: apt-get install ${missing.join(" ")}`);
    const about = foldLine(`${board.name.padEnd(16)}${board.about}`, roomOf(io.stdout));
    io.stdout.write(`${about.join("\n")}\n`);
    for (const [engine, profiles] of Object.entries(board.engines)) {
      if (profiles.length > 0)
        io.stdout.write(`${" ".repeat(16)}${engine}: ${profiles.join(", ")}\n`);
    }
    io.stdout.write(`${" ".repeat(16)}${state}\n`);
  }
  return EXIT_OK;
}

export async function listAsJson(io: Io): Promise<number> {
  for (const board of BOARDS) {
    const { name, about, engines } = board;
    io.stdout.write(`${JSON.stringify({ name, about, engines, lacking: await lacking(board) })}\n`);
  }
  return EXIT_OK;
}
