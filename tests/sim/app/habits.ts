// How an application behaves: how much it writes and in which pieces, how it reads, how it ends.

import { Option } from "../../../host/core/generated/abi.js";
import type { Random } from "../../static/support/random.js";

/** shutdown: FIN after the last byte, CLOSE once the peer's FIN is read. linger: the same, and the
 * handle is kept for a while. answer: CLOSE once the peer's FIN is read and all is written. close:
 * CLOSE after the last byte, whatever is unread. early: CLOSE a moment after the open. */
export type Ending = "shutdown" | "linger" | "answer" | "close" | "early";

export interface Habits {
  /** Bytes to write. */
  bytes: number;
  /** Longest piece of one write, and of one read. */
  piece: number;
  readPiece: number;
  /** Pauses between pieces, up to so many ms. */
  writePauseMs: number;
  readPauseMs: number;
  /** Nothing is read for up to so many ms. */
  readLateMs: number;
  ending: Ending;
  lingerMs: number;
  /** ABORT after up to so many ms; 0: never. */
  abortMs: number;
  /** Options of the connection, and their values. */
  options: [number, number][];
}

/** Those that let both directions end in good order, as long as one side shuts down. */
const GENTLE = ["shutdown", "shutdown", "linger", "answer"] as const;
/** Who has closed does not wait for a slow reader (ORPHAN_SECONDS); who has shut down does. */
const PATIENT = ["linger"] as const;
const PATIENT_MS = 250_000;
const HARSH = ["shutdown", "shutdown", "linger", "answer", "answer", "close", "early"] as const;

export interface Manners {
  gentle: boolean;
  /** Gentle, and readers may be slower than any limit. */
  patient: boolean;
  /** So many connections that rings run out while records do not: callers have nothing to say and
   * read slowly, servers have much. */
  crowd: boolean;
  /** Most bytes that one end writes. */
  most: number;
  /** This end must not wait for the other's FIN. */
  first: boolean;
}

/** The first value ends nothing. */
const OPTIONS: readonly [number, number, number][] = [
  [Option.NO_DELAY, 1, 0],
  [Option.TTL, 255, 1],
  [Option.DSCP, 63, 0],
  [Option.R2_SECONDS, 100, 4],
];

export function chooseHabits(random: Random, manners: Manners): Habits {
  const { gentle, patient, crowd, most, first } = manners;
  const ending = random.pick<Ending>(patient ? PATIENT : gentle ? GENTLE : HARSH);
  const latest = gentle && !patient ? 20_000 : 150_000;
  const rarely = (chance: number, most: number) => (random.percent(chance) ? most : 0);
  const silent = crowd ? first : random.percent(15);
  const habits: Habits = {
    bytes: silent ? 0 : random.below(most + 1),
    piece: random.pick([1, 7, 100, 536, 2000, 70_000]) + (most >> 6),
    readPiece: random.pick([1, 3, 100, 700, 3000, 70_000]) + (most >> 6),
    writePauseMs: rarely(40, random.pick([2, 60, 700])),
    readPauseMs: rarely(30, random.pick([2, 60, 300])),
    readLateMs: rarely(15, random.pick([500, 8000, latest])),
    ending: first && ending === "answer" ? "shutdown" : ending,
    lingerMs: patient ? PATIENT_MS : random.below(random.pick([10, 5000, 90_000])),
    options: OPTIONS.filter(() => random.percent(8)).map(([option, ...values]) => [
      option,
      gentle ? values[0] : random.pick(values),
    ]),
    abortMs: gentle ? 0 : rarely(7, random.pick([5, 400, 20_000])),
  };
  if (!crowd) return habits;
  return { ...habits, ending: first ? "shutdown" : "answer", readLateMs: first ? 8000 : 0 };
}
