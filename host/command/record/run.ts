// One run of `mote record`: finds the stack, asks it for what is wanted, and where that goes on waits for its end.

import { openStack, type ControlClient } from "../../control/client.js";
import { controlFolder } from "../../control/place.js";
import type { RecordingFacts, RecordingStatus } from "../../control/protocol.js";
import { codeOf, CommandError, EXIT_OK } from "../exit.js";
import { alreadyThere, WRITE_TROUBLE } from "../files.js";
import { formatBytes, plural } from "../format.js";
import type { Io } from "../io.js";
import { createProgress, type Progress } from "../progress.js";
import { createStopSignals } from "../signals.js";
import type { RecordOptions, RecordTask } from "./options.js";

type Writing = Extract<RecordTask, { readonly file: string }>;
type Tell = (event: string, facts: object, text: string) => void;

export async function record(options: RecordOptions, io: Io): Promise<number> {
  const client = await openStack(options.stack, controlFolder(io.env));
  const { name } = client.greeting;
  const tell: Tell = (event, facts, text) => {
    const line = options.json ? JSON.stringify({ event, stack: name, ...facts }) : text;
    io.stdout.write(`${line}\n`);
  };
  try {
    await carryOut(options.task, client, tell, createProgress(io, !options.json));
  } finally {
    client.close();
  }
  return EXIT_OK;
}

async function carryOut(
  task: RecordTask,
  client: ControlClient,
  tell: Tell,
  progress: Progress,
): Promise<void> {
  const { name } = client.greeting;
  switch (task.kind) {
    case "status": {
      const status = await client.call("recording");
      return tell("status", status, statusText(name, status));
    }
    case "stop": {
      const { stopped } = await client.call("stopRecording");
      const text = stopped.length === 0 ? `Nothing is recorded of ${name}.` : "";
      const ended = stopped.map(({ path }) => `The recording into ${path} has ended.`);
      return tell("stopped", { stopped }, [...ended, text].filter(Boolean).join("\n"));
    }
    case "dump": {
      const args = { file: task.file, overwrite: task.force };
      const { path } = await client.call("dumpRecording", args).catch(explain(task));
      return tell("dumped", { path }, `Written to ${path}.`);
    }
    case "record":
      return go(task, client, tell, progress);
  }
}

/** Until Ctrl-C, --stop, or the end of the stack. */
async function go(
  task: Extract<RecordTask, { readonly kind: "record" }>,
  client: ControlClient,
  tell: Tell,
  progress: Progress,
): Promise<void> {
  const { file, force, rotate, keep } = task;
  const args = {
    file,
    overwrite: force,
    ...(rotate === undefined ? {} : { rotate }),
    ...(keep === undefined ? {} : { keep }),
  };
  const { name } = client.greeting;
  const stream = await client.stream("record", args).catch(explain(task));
  const stop = createStopSignals(() => undefined);
  void stop.asked.then(() => stream.cancel());
  tell("recording", stream.first, `Recording ${name} into ${stream.first.path}; Ctrl-C ends it.`);
  let last: RecordingFacts = stream.first;
  progress.at(last.bytes, null);
  try {
    for await (const facts of stream.items()) {
      last = facts;
      progress.at(facts.bytes, null);
    }
  } catch (cause) {
    if (codeOf(cause) !== "ECONNRESET") throw cause;
    // What came in until its end was written by the stack.
    progress.end();
    tell("gone", last, `The stack ${name} has gone; ${last.path} ends there.`);
    return;
  } finally {
    progress.end();
    stop.release();
  }
  const { reason, error, ...facts } = stream.end!;
  if (reason === "failed") {
    throw new CommandError("EIO", `${facts.path} cannot be written any more: ${error}`);
  }
  const text = `${plural(facts.bytes, "byte")} of calls recorded into ${facts.path}.`;
  tell("ended", { reason, ...facts }, text);
}

function statusText(name: string, { flight, running }: RecordingStatus): string {
  const lines = running.map(({ path, bytes, startedAtMs }) => {
    return `${name} is recorded into ${path} since ${timeText(startedAtMs)}: ${formatBytes(bytes)}`;
  });
  if (flight !== null) {
    const { bytes, mostBytes, sinceMs } = flight;
    const held = `${formatBytes(bytes)} of ${formatBytes(mostBytes)}`;
    const has = sinceMs === null ? "nothing: there was no room" : `all since ${timeText(sinceMs)}`;
    lines.push(`The flight recorder of ${name} has ${has}; ${held}`);
  }
  return lines.length > 0 ? lines.join("\n") : `Nothing is recorded of ${name}.`;
}

const timeText = (ms: number): string => new Date(ms).toISOString();

/** What the stack says of a file, in the words of the command. */
function explain({ file }: Writing): (cause: unknown) => never {
  return (cause) => {
    const code = codeOf(cause);
    if (code === "EEXIST") throw alreadyThere(file, cause);
    const why = WRITE_TROUBLE[code];
    if (why === undefined) throw cause;
    throw new CommandError(code, `${file} cannot be written: ${why}`, undefined, { cause });
  };
}
