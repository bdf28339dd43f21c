// The command line of `mote footprint`, checked and typed before anything is built.

import { BOARDS, findBoard, type Board } from "../../boards/board.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";

export interface FootprintOptions {
  readonly boards: readonly Board[];
  /** Folder for the files. */
  readonly output: string | undefined;
  readonly quick: boolean;
}

/** What commander hands over. */
export interface FootprintWords {
  readonly board?: string | undefined;
  readonly output?: string | undefined;
  readonly quick?: boolean | undefined;
}

export function parseFootprint(words: FootprintWords): FootprintOptions {
  if (words.output === "") throw new UsageError("--output takes the name of a folder");
  return {
    boards: words.board === undefined ? BOARDS : [boardOf(words.board)],
    output: words.output,
    quick: words.quick === true,
  };
}

function boardOf(word: string): Board {
  const board = findBoard(word);
  if (board !== undefined) return board;
  const names = BOARDS.map(({ name }) => name);
  throw new UsageError(`--board: no board is called "${word}"${suggestion(word, names)}`);
}
