// Finds the stacks of this user that run, and asks them.

import { kernelNet } from "../kernelNet.js";
import { suggestion } from "../suggest.js";
import { knock } from "./knock.js";
import { createFlow, type Flow } from "./flow.js";
import { createLines, TOO_LONG } from "./lines.js";
import { checkFolder, checkSocket, controlFolder, namesIn, socketPath } from "./place.js";
import {
  CONTROL_VERSION,
  controlError,
  MOST_ANSWER_BYTES,
  type Answer,
  type CallArguments,
  type CallName,
  type CallResults,
  type EndReason,
  type Greeting,
  type StreamCalls,
  type StreamName,
} from "./protocol.js";

/** How long a stack may take to greet, and to answer. */
const PATIENCE_MS = 5_000;

export interface ControlClient {
  readonly greeting: Greeting;
  /** Rejects with the code of the answer; ETIMEDOUT; ECONNRESET: the stack has gone. */
  call<Name extends CallName>(
    name: Name,
    args?: Name extends keyof CallArguments ? CallArguments[Name] : Record<string, never>,
  ): Promise<CallResults[Name]>;
  /** A call that gives many answers; one at a time. Rejects as call() does, where there is not even a first. */
  stream<Name extends StreamName>(
    name: Name,
    args: StreamCalls[Name]["args"],
  ): Promise<ControlStream<Name>>;
  /** Resolves when it cannot be asked any more. */
  readonly closed: Promise<void>;
  close(): void;
}

/** A call that goes on. */
export interface ControlStream<Name extends StreamName> {
  readonly first: StreamCalls[Name]["first"];
  /** Until the end; throws ECONNRESET: the stack has gone without one. What is not taken keeps the stack from giving more. */
  items(): AsyncGenerator<StreamCalls[Name]["item"], void, undefined>;
  /** null: it goes on. */
  readonly end: StreamCalls[Name]["end"] | null;
  /** Says something to the call that goes on; what is refused is not told. */
  input(args: object): void;
  cancel(): void;
}

/** Names of those that run. Rejects with EPERM: folder or socket is not this user's alone. */
export async function runningStacks(folder = controlFolder()): Promise<string[]> {
  const running: string[] = [];
  for (const name of namesIn(folder)) {
    const path = socketPath(folder, name);
    if (checkSocket(path) !== null && (await knock(path)) === "alive") running.push(name);
  }
  return running;
}

/** The stack of this name, or the only one that runs. Rejects with ENOENT: there is none; EINVAL: there are several. */
export async function openStack(
  name: string | undefined,
  folder = controlFolder(),
): Promise<ControlClient> {
  const running = await runningStacks(folder);
  return connectControl(socketPath(folder, choose(name, running)));
}

/**
 * A call that goes on, on a connection of its own: of the stack of this name, or the only one that runs. Rejects as openStack()
 * and stream() do, and leaves no connection behind then.
 */
export async function openStream<Name extends StreamName>(
  stack: string | undefined,
  folder: string,
  name: Name,
  args: StreamCalls[Name]["args"],
): Promise<{ client: ControlClient; stream: ControlStream<Name> }> {
  const client = await openStack(stack, folder);
  try {
    return { client, stream: await client.stream(name, args) };
  } catch (error) {
    client.close();
    throw error;
  }
}

function choose(name: string | undefined, running: readonly string[]): string {
  const [first, ...others] = running;
  if (first === undefined) {
    const which = name === undefined ? "no stack" : `no stack "${name}"`;
    throw controlError("ENOENT", `${which} is running here; this starts one: mote serve`);
  }
  if (name !== undefined) {
    if (running.includes(name)) return name;
    throw controlError("ENOENT", `no stack "${name}" is running${suggestion(name, running)}`);
  }
  if (others.length === 0) return first;
  const names = running.join(", ");
  throw controlError("EINVAL", `several stacks are running: ${names}; choose with --stack NAME`);
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Rejects with ECONNREFUSED, ENOENT, EPERM, EPROTO (it speaks something else), EBUSY, ETIMEDOUT. */
export async function connectControl(
  path: string,
  patienceMs: number = PATIENCE_MS,
): Promise<ControlClient> {
  checkFolder(path.slice(0, path.lastIndexOf("/")));
  checkSocket(path);
  const socket = kernelNet.connect({ path });
  const lines = createLines(MOST_ANSWER_BYTES);
  const pending = new Map<Answer["id"], Pending>();
  const flows = new Map<Answer["id"], Flow>();
  let lastId = 0;
  let failure: Error | null = null;

  function fail(error: Error): void {
    failure ??= error;
    socket.destroy();
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
    for (const flow of flows.values()) flow.fail(failure);
    flows.clear();
  }

  function receive(line: string): void {
    const value = parse(line);
    if (value === null || typeof value !== "object") return fail(foreign(path));
    // Before there is a request the one that waits is the greeting.
    if (pending.has(GREETING)) settle(GREETING, "motetcp" in value ? value : null);
    else take(value as Answer);
  }

  function take(answer: Answer): void {
    if ("item" in answer) {
      flows.get(answer.id)?.add(answer.item);
      return;
    }
    if ("end" in answer) {
      flows.get(answer.id)?.finish(answer.end as StreamEnd);
      flows.delete(answer.id);
      return;
    }
    const waits = pending.get(answer.id);
    if ("error" in answer) {
      const { code, message } = answer.error;
      const error = controlError(code, message);
      if (waits === undefined) {
        // Without an id it is about the connection; else nobody waits for it any more.
        if (answer.id === null) fail(error);
        return;
      }
      pending.delete(answer.id);
      waits.reject(error);
    } else settle(answer.id, answer.result);
  }

  function settle(id: Answer["id"], value: unknown): void {
    pending.get(id)?.resolve(value);
    pending.delete(id);
  }

  function wait(id: Answer["id"]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (failure !== null) {
        reject(failure);
        return;
      }
      const timer = setTimeout(() => fail(silent(path)), patienceMs);
      const done =
        <Value>(settled: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          settled(value);
        };
      pending.set(id, { resolve: done(resolve), reject: done(reject) });
    });
  }

  async function greeted(): Promise<Greeting> {
    const value = await wait(GREETING);
    try {
      return checkGreeting(value, path);
    } catch (error) {
      fail(error as Error);
      throw error;
    }
  }

  socket.on("data", (bytes) => {
    lines.push(bytes);
    for (let line; (line = lines.take()) !== null && failure === null;) {
      if (line === TOO_LONG) fail(foreign(path));
      else receive(line);
    }
  });
  socket.on("error", (error: NodeJS.ErrnoException) => fail(unreachable(path, error)));
  socket.on("close", () => fail(controlError("ECONNRESET", `the stack at ${path} has gone`)));

  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const greeting = await greeted();
  return {
    greeting,
    closed,
    async call<Name extends CallName>(name: Name, args?: object) {
      const id = ++lastId;
      const answered = wait(id);
      const request = { id, call: name, ...(args === undefined ? {} : { args }) };
      if (failure === null) socket.write(`${JSON.stringify(request)}\n`);
      return (await answered) as CallResults[Name];
    },
    async stream<Name extends StreamName>(name: Name, args: StreamCalls[Name]["args"]) {
      const id = ++lastId;
      const flow = createFlow(socket);
      flows.set(id, flow);
      const answered = wait(id);
      if (failure === null) socket.write(`${JSON.stringify({ id, call: name, args })}\n`);
      const first = (await answered.catch((error: Error) => {
        flows.delete(id);
        throw error;
      })) as StreamCalls[Name]["first"];
      return {
        first,
        items: () => flow.items() as AsyncGenerator<StreamCalls[Name]["item"], void, undefined>,
        get end() {
          return flow.end as StreamCalls[Name]["end"] | null;
        },
        input(args) {
          const request = { id: ++lastId, call: "input", args: { ...args, id } };
          if (failure === null && flow.end === null) socket.write(`${JSON.stringify(request)}\n`);
        },
        cancel() {
          const request = { id: ++lastId, call: "cancel", args: { id } };
          if (failure === null && flow.end === null) socket.write(`${JSON.stringify(request)}\n`);
        },
      };
    },
    close: () => void socket.destroy(),
  };
}

type StreamEnd = { readonly reason: EndReason };

/** What waits for the greeting, which has no id. */
const GREETING = "greeting";

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Throws EPROTO: it is none, or of another version. */
function checkGreeting(value: unknown, path: string): Greeting {
  if (value === null) throw foreign(path);
  const greeting = value as Greeting;
  if (greeting.motetcp === CONTROL_VERSION) return greeting;
  const spoken = `version ${greeting.motetcp} of the control protocol, this command ${CONTROL_VERSION}`;
  throw controlError("EPROTO", `the stack at ${path} (${greeting.version}) speaks ${spoken}`);
}

const foreign = (path: string) => controlError("EPROTO", `what listens at ${path} is no stack`);
const silent = (path: string) =>
  controlError("ETIMEDOUT", `the stack at ${path} does not answer: its process stands still`);
const unreachable = (path: string, cause: NodeJS.ErrnoException) =>
  controlError(
    cause.code ?? "EIO",
    `the stack at ${path} cannot be asked: ${cause.message}`,
    cause,
  );
