// How a replay is shown: as lines that people read, or as JSON lines.

import { readConnections, type ConnectionInfo } from "../../core/observe.js";
import { createConversations } from "../../dissect/conversations.js";
import { dissect } from "../../dissect/packet.js";
import type { Replay } from "../../record/replay.js";
import { foldLine, roomOf } from "../columns.js";
import { plural } from "../format.js";
import type { Io } from "../io.js";
import { createJson } from "../tcpdump/json.js";
import { createLines } from "../tcpdump/line.js";
import type { Note } from "../tcpdump/notes.js";
import { clockText, sinceText } from "../tcpdump/time.js";
import { isSilent, type Moment } from "../../record/moments.js";
import type { ReplayOptions } from "./options.js";

/** What all of it was. */
export interface Counts {
  calls: number;
  frames: number;
  transitions: number;
  endUs: number;
}

export interface Show {
  moment(moment: Moment, notes: readonly Note[]): void;
  /** All control blocks, as they are now, for people. */
  blocks(): void;
  /** `stopped`: why it did not go on to the end; "": it did. */
  end(counts: Counts, stopped: string): void;
}

/** Frames with what they mean where they stand. */
export function createNotes(): (frame: Moment["frames"][number]) => Note {
  const conversations = createConversations();
  let number = 0;
  return (frame) => {
    const packet = dissect(frame.bytes, frame.length);
    number++;
    return { number, frame, packet, segment: conversations.follow(number, frame.timeUs, packet) };
  };
}

type Line = (text: string) => void;

export function createShow(replay: Replay, options: ReplayOptions, io: Io, line: Line): Show {
  return options.json ? jsonShow(replay, options, line) : textShow(replay, options, io, line);
}

function jsonShow(replay: Replay, { step }: ReplayOptions, line: Line): Show {
  const { head, core } = replay;
  const form = createJson(line);
  const write = (value: object): void => line(JSON.stringify(value));
  return {
    moment({ call, atUs, transitions, variables }, notes) {
      if (!step) return;
      const { index, name, args, result } = call;
      if (!isSilent(call)) write({ event: "call", atUs, index, name, args, result });
      for (const note of notes) form.add(note);
      for (const each of transitions) write({ event: "state", atUs, ...each });
      for (const each of variables) write({ event: "variable", atUs, ...each });
    },
    blocks: () => undefined,
    end(counts, stopped) {
      const { calls: _, ...about } = head;
      const outcome = stopped === "" ? replay.end : "stopped";
      const connections = readConnections(core);
      write({ event: "end", outcome, ...counts, recording: about, connections });
    },
  };
}

const VERDICT = {
  whole: "The memory is the same to the last byte.",
  cut: "The recording was not closed: all that is in it was done again, and there is no memory to compare.",
} as const;

function textShow(replay: Replay, { step, verbose }: ReplayOptions, io: Io, line: Line): Show {
  const { head, core } = replay;
  const { paint } = io;
  const form = createLines({ hex: false, verbose: false, absolute: false }, paint, line);
  const blocks = (): void => {
    for (const each of readConnections(core)) blockLines(each, roomOf(io.stdout)).forEach(line);
  };
  return {
    blocks,
    moment({ call, atUs, transitions, variables }, notes) {
      if (!step) return;
      for (const note of notes) form.add(note);
      const time = paint("dim", clockText(head.startedAtMs * 1000 + atUs));
      if (verbose && notes.length === 0 && !isSilent(call))
        line(`${time} ${call.name}(${call.args.join(", ")}) = ${call.result}`);
      for (const { ports, from, to, cause } of transitions) {
        const why = cause === null ? "" : `, ${cause}`;
        line(`${time} ${ports}: ${paint("bold", `${from} → ${to}`)}${why}`);
      }
      for (const { ports, name, from, to } of variables)
        line(`${time} ${ports}:   ${name} ${from} → ${to}`);
    },
    end({ calls, frames, transitions, endUs }, stopped) {
      const began = new Date(head.startedAtMs).toISOString();
      const room = roomOf(io.stdout);
      const tell = (text: string): void => foldLine(text, room).forEach(line);
      tell(`${head.profile} ${head.variant}, MoteTCP ${head.version}, begun ${began}`);
      const parts = [plural(calls, "call"), plural(frames, "frame"), plural(transitions, "state")];
      tell(`${parts.join(", ")}, ${sinceText(endUs)} s`);
      if (stopped === "" && replay.end === "trapped")
        return tell(`As it was recorded, ${replay.trap}.`);
      if (stopped === "") return tell(VERDICT[replay.end === "whole" ? "whole" : "cut"]);
      tell(`Stopped: ${stopped}.`);
      blocks();
    },
  };
}

const MOST_COLUMNS = 4;
const WIDTH = 24;

/** A control block, in as many columns as have room. */
function blockLines(
  { state, localPort, remotePort, ...info }: ConnectionInfo,
  room: number,
): string[] {
  const fitting = Math.floor((room - 1) / (WIDTH + 1));
  const columns = Math.max(1, Math.min(MOST_COLUMNS, fitting));
  const cells = Object.entries(info).map(([name, value]) => `${name} ${value}`.padEnd(WIDTH));
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    `  ${cells.slice(row * columns, (row + 1) * columns).join(" ")}`.trimEnd(),
  );
  return ["", `${localPort} ↔ ${remotePort} ${state}`, ...rows];
}
