// The command line of `mote flash`, checked before anything is built.

import {
  BOARD_PROFILES,
  ENGINES,
  findBoard,
  type Board,
  type BoardProfile,
  type EngineName,
} from "../../boards/board.js";
import { addressToNumber, parsePrefix } from "../../core/address.js";
import { suggestion } from "../../suggest.js";
import { UsageError } from "../exit.js";
import { DHCP, parseAddress, parsePeer } from "../network/words.js";
import { oneOf } from "../words.js";

/** Chips, and their boards of the table. */
export const CHIPS: Readonly<Record<string, string>> = { esp32c3: "esp32c3-direct" };

export interface FlashCommand {
  readonly chip: string;
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
  /** With prefix; undefined: by DHCP. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  readonly folder: string;
  readonly json: boolean;
}

/** What commander hands over. */
export interface FlashWords {
  readonly engine: string;
  readonly profile: string;
  readonly address?: string | undefined;
  readonly router?: string | undefined;
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
}

export function parseFlash(chip: string, words: FlashWords): FlashCommand {
  const board = findBoard(CHIPS[chip] ?? "");
  if (board === undefined) {
    throw new UsageError(`no image is made for "${chip}"${suggestion(chip, Object.keys(CHIPS))}`);
  }
  const engine = oneOf("--engine", words.engine, ENGINES);
  const profile = oneOf("--profile", words.profile, BOARD_PROFILES);
  const given = words.address === undefined ? undefined : parseAddress(words.address);
  const address = given === DHCP ? undefined : given;
  if (address === undefined && profile === "tiny") {
    throw new UsageError("--profile tiny has no DHCP: it needs an --address");
  }
  if (words.router !== undefined && address === undefined) {
    throw new UsageError("--router goes with an --address: by DHCP the server names the router");
  }
  const router = words.router === undefined ? undefined : parsePeer("--router", words.router);
  if (router !== undefined) checkRouter(router, address!);
  if (words.output === "") throw new UsageError("--output takes the name of a folder");
  return {
    chip,
    board,
    engine,
    profile,
    address,
    router,
    folder: words.output ?? `build/flash/${chip}`,
    json: words.json === true,
  };
}

/** A router that is not in the board's own network would never be reached. */
function checkRouter(router: string, address: string): void {
  const { address: own, prefixLength } = parsePrefix(address);
  const network = (text: string) => Math.floor(addressToNumber(text) / 2 ** (32 - prefixLength));
  if (router !== own && network(router) === network(own)) return;
  throw new UsageError(`--router ${router} is no other address of the network of ${address}`);
}
