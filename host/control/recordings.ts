// Calls about what a stack writes down: what there is, what its flight recorder has, and a recording that goes on as long as its
// client wants it. Files are written by the process of the stack, which is this user's as the client is.

import { isAbsolute } from "node:path";
import type { StackInstance } from "../core/instance.js";
import { LEAST_ROTATE_BYTES } from "../record/limits.js";
import { recordingState, recordStack, writeRecording } from "../record/stackRecordings.js";
import type { StackRecording } from "../record/running.js";
import {
  flag,
  wholeNumber,
  type ArgumentKind,
  type ArgumentKinds,
  type Arguments,
} from "./arguments.js";
import { createItems } from "./items.js";
import {
  controlError,
  type RecordingFacts,
  type RecordingStatus,
  type Running,
  type StreamCalls,
  type Told,
} from "./protocol.js";

const file: ArgumentKind = {
  isGood: (value) => typeof value === "string" && isAbsolute(value),
  form: "the path of a file, from the root on",
};

export const RECORD_ARGUMENTS: ArgumentKinds = {
  file,
  overwrite: flag,
  rotate: wholeNumber(LEAST_ROTATE_BYTES, Number.MAX_SAFE_INTEGER),
  keep: wholeNumber(1, 1_000_000),
};

export const DUMP_ARGUMENTS: ArgumentKinds = { file, overwrite: flag };

/** Between two looks at whether it goes on. */
const LOOK_MS = 1_000;

const factsOf = ({ path, bytes, startedAtMs }: StackRecording): RecordingFacts => {
  return { path, bytes, startedAtMs };
};

export function readRecordings(stack: StackInstance): RecordingStatus {
  const { flight, rotating, running } = recordingState(stack);
  const all = rotating === null || rotating.isOver ? running : [rotating, ...running];
  return { flight, running: all.map(factsOf) };
}

/** Those that were begun while it runs: what a stack was told at its start goes on. */
export function stopRecordings(stack: StackInstance): { stopped: readonly RecordingFacts[] } {
  const { running } = recordingState(stack);
  for (const each of running) each.stop();
  return { stopped: running.map(factsOf) };
}

export function dumpTo(stack: StackInstance, args: Arguments): { path: string } {
  const { file: path, overwrite = false } = args as { file?: string; overwrite?: boolean };
  if (path === undefined) throw missing("dumpRecording");
  writeRecording(path, stack, { overwrite });
  return { path };
}

export function openRecord(
  stack: StackInstance,
  args: Arguments,
  tell: (told: Told) => void,
): Running {
  const { file: path, ...options } = args as StreamCalls["record"]["args"];
  if (path === undefined) throw missing("record");
  const recording = recordStack(path, stack, options);
  let isWanted = true;
  /** There was a look since the last item. */
  let isNews = false;
  let cancelLook: (() => void) | null = null;
  tell({ result: factsOf(recording) satisfies StreamCalls["record"]["first"] });

  const items = createItems(tell, (): StreamCalls["record"]["item"] | null => {
    if (!isNews || recording.isOver) return null;
    isNews = false;
    return factsOf(recording);
  });

  /** Also so that a client learns where rotating files have got to. */
  function look(): void {
    if (recording.isOver) return;
    isNews = true;
    items.send();
    cancelLook = stack.after(LOOK_MS, look);
  }

  function end(): void {
    cancelLook?.();
    const { error } = recording;
    const why = error === null ? {} : { error: error.message };
    const reason = isWanted ? (error === null ? "stopped" : "failed") : "cancelled";
    const facts = factsOf(recording);
    tell({ end: { ...facts, reason, ...why } satisfies StreamCalls["record"]["end"] });
  }

  recording.ended.add(end);
  cancelLook = stack.after(LOOK_MS, look);
  return {
    credit: items.credit,
    cancel() {
      if (recording.isOver) return;
      isWanted = false;
      recording.stop();
    },
  };
}

const missing = (call: string): Error => controlError("EINVAL", `${call} needs file: ${file.form}`);
