// The command line of `mote footprint`, checked before anything is built.

import { BOARDS, findBoard, type Board } from "../../boards/board.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";

export interface FootprintOptions {
  readonly boards: readonly Board[];
  readonly quick: boolean;
  /** The folder for the files; undefined: only the terminal. */
  readonly output: string | undefined;
  /** Files of before may be there. */
  readonly force: boolean;
  readonly json: boolean;
}

/** What commander hands over. */
export interface FootprintWords {
  readonly board?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly output?: string | undefined;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function parseFootprint({
  board,
  quick,
  output,
  force,
  json,
}: FootprintWords): FootprintOptions {
  if (output === "") throw new UsageError("--output takes the name of a folder");
  return {
    boards: boardsOf(board),
    quick: quick === true,
    output,
    force: force === true,
    json: json === true,
  };
}

function boardsOf(word: string | undefined): readonly Board[] {
  if (word === undefined) return BOARDS;
  const board = findBoard(word);
  if (board !== undefined) return [board];
  const names = BOARDS.map(({ name }) => name);
  throw new UsageError(`no board is called "${word}"${suggestion(word, names)}`);
}
