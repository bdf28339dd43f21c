// The command line of `mote run-board`, checked and typed before anything is built.

import {
  BOARD_PROFILES,
  BOARDS,
  ENGINES,
  findBoard,
  type Board,
  type BoardProfile,
  type EngineName,
} from "../../boards/board.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { oneOf } from "../words.js";
import { DHCP, parseAddress, parseLink, type LinkChoice } from "../network/words.js";

export interface RunBoardOptions {
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
  readonly link: LinkChoice;
  /** With prefix; undefined: one that is free. */
  readonly address: string | undefined;
  readonly pcap: string | undefined;
  /** It may be there already. */
  readonly force: boolean;
  readonly buildOnly: boolean;
  readonly json: boolean;
}

/** What commander hands over. */
export interface RunBoardWords {
  readonly engine: string;
  readonly profile?: string | undefined;
  readonly link?: string | undefined;
  readonly address?: string | undefined;
  readonly pcap?: string | undefined;
  readonly force?: boolean | undefined;
  readonly buildOnly?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export const BOARD_LINKS = ["tap", "user", "qemu", "ws"] as const;

/** null: no board was named. */
export function parseRunBoard(
  word: string | undefined,
  words: RunBoardWords,
): RunBoardOptions | null {
  if (word === undefined) return null;
  const names = BOARDS.map(({ name }) => name);
  const board = findBoard(word);
  if (board === undefined) {
    throw new UsageError(
      `no board is called "${word}"${suggestion(word, names)}; there are ${names.join(", ")}`,
    );
  }
  const engine = oneOf("--engine", words.engine, ENGINES);
  const fitting = board.engines[engine];
  const profile =
    words.profile === undefined ? fitting[0] : oneOf("--profile", words.profile, BOARD_PROFILES);
  if (profile === undefined) {
    throw new UsageError(`--engine ${engine}: it does not fit ${board.name}`);
  }
  if (!fitting.includes(profile)) {
    throw new UsageError(
      `--profile ${profile}: with the engine ${engine} ${board.name} has room for ${fitting.join(", ")}`,
    );
  }
  if (words.pcap === "") throw new UsageError("--pcap takes the name of a file");
  return {
    board,
    engine,
    profile,
    link: parseLink(words.link ?? "user", BOARD_LINKS),
    address: addressOf(words.address),
    pcap: words.pcap,
    force: words.force === true,
    buildOnly: words.buildOnly === true,
    json: words.json === true,
  };
}

function addressOf(word: string | undefined): string | undefined {
  const address = word === undefined ? undefined : parseAddress(word);
  if (address !== DHCP) return address;
  throw new UsageError("--address dhcp: what runs here is told its address before it boots");
}
