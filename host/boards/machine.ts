// A board that runs in an emulator: its console, its Ethernet, and its end.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Link } from "../link/link.js";
import { createStreamLink } from "../link/stream.js";
import type { Board, Emulator } from "./board.js";
import { createConsole, type Console } from "./console.js";
import { BOARDS_FOLDER } from "./firmware.js";
import { isInPath } from "./path.js";
import { missing } from "./toolchain.js";

/** Debian's packages of the emulators. */
export const EMULATOR_PACKAGES: Readonly<Record<string, string>> = {
  "qemu-system-arm": "qemu-system-arm",
  "qemu-system-riscv32": "qemu-system-misc",
  python3: "python3",
};
/** The system's: Debian's package of unicorn is for that one. */
export const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const START_MS = 20_000;
const STOP_MS = 3_000;
/** Characters kept of what an emulator says on stderr. */
const COMPLAINT_LENGTH = 4_096;

export interface MachineOptions {
  readonly board: Board;
  /** Firmware.image */
  readonly image: string;
  /** What the board is told at boot (boot.ts); without it nothing. */
  readonly boot?: Uint8Array;
  /** Where its Ethernet leads: into this process, or nowhere. */
  readonly network: "here" | "none";
  /** The processor's time is what it executes: figures repeat exactly. */
  readonly countInstructions?: boolean;
}

export interface Machine {
  readonly console: Console;
  /** With network "here". */
  readonly link: Link;
  /** Plugs the cable in or out. */
  setLink(up: boolean): Promise<void>;
  /** The exit code or signal, when it is over. */
  readonly ended: Promise<number | string>;
  /** The last that the emulator itself has said on stderr; "": nothing. */
  complaint(): string;
  stop(): Promise<void>;
}

export async function startMachine(options: MachineOptions): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "mote-board-"));
  const servers: Server[] = [];
  const clean = () => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const nic = await listen(join(folder, "nic"), servers);
    const control = await listen(join(folder, "control"), servers);
    const [program, words] = commandOf(options, folder);
    if (!existsSync(program) && !(await isInPath(program))) {
      throw missing(program, [EMULATOR_PACKAGES[program] ?? program]);
    }
    const [first, ...rest] = [...(await boundToUs()), program, ...words];
    const child = spawn(first!, rest, { stdio: ["pipe", "pipe", "pipe"] });
    const ended = endOf(child);
    // A board whose console nobody reads any more would go on for ever.
    const kill = () => {
      child.kill("SIGKILL");
      clean();
    };
    process.once("exit", kill);
    const forget = () => void process.off("exit", kill);
    void ended.then(clean).finally(forget);
    const start = watchStart(child, program);
    const sockets = await Promise.race([
      Promise.all([options.network === "here" ? nic.socket : null, control.socket]),
      start.failed,
    ]);
    start.isOver();
    // Once it answers it has read what the board is told, which is secret.
    const onAnswer = () => rmSync(join(folder, "boot"), { force: true });
    return assemble(child, { ended, complaint: start.complaint, onAnswer }, ...sockets);
  } catch (error) {
    clean();
    throw error;
  }
}

/** Where it is there, what ends a process with its parent, however that ends: the emulator would go on for ever. */
async function boundToUs(): Promise<string[]> {
  return (await isInPath("setpriv")) ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
}

interface Told {
  readonly ended: Promise<number | string>;
  readonly complaint: () => string;
  /** The emulator has answered for the first time. */
  readonly onAnswer: () => void;
}

function assemble(
  child: ChildProcess,
  { ended, complaint, onAnswer }: Told,
  nic: Socket | null,
  control: Socket,
): Machine {
  const link = nic === null ? null : createStreamLink(nic);
  const command = createControl(control, onAnswer);
  return {
    console: createConsole(child.stdin!, child.stdout!),
    get link(): Link {
      if (link === null) throw new Error("this machine's Ethernet does not lead here");
      return link;
    },
    ended,
    complaint,
    setLink: (up) => command("set_link", { name: "n0", up }),
    async stop() {
      link?.close();
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

function commandOf(options: MachineOptions, folder: string): [string, string[]] {
  const { emulator } = options.board;
  const boot = join(folder, "boot");
  if (options.boot !== undefined) writeFileSync(boot, options.boot, { mode: 0o600 });
  if (emulator.kind === "qemu") return [emulator.program, qemuWords(options, emulator, folder)];
  const { board, image, network } = options;
  const words = [join(BOARDS_FOLDER, emulator.script), image];
  words.push("--control", join(folder, "control"));
  if (network === "here") words.push("--nic", join(folder, "nic"));
  if (options.boot !== undefined) {
    words.push("--boot", boot, "--boot-offset", String(board.bootAddress));
  }
  if (options.countInstructions === true) words.push("--count");
  return [PYTHON, words];
}

function qemuWords(
  { board, image, boot, network, countInstructions = false }: MachineOptions,
  emulator: Extract<Emulator, { kind: "qemu" }>,
  folder: string,
): string[] {
  const words = [...emulator.words, "-kernel", image, "-serial", "stdio"];
  if (network === "here") {
    const path = join(folder, "nic");
    words.push("-netdev", `stream,id=n0,server=off,addr.type=unix,addr.path=${path}`);
    words.push(...emulator.nic);
  } else {
    words.push("-nic", "none");
  }
  words.push("-qmp", `unix:${join(folder, "control")}`);
  if (countInstructions) words.push("-icount", emulator.icount);
  if (boot !== undefined) {
    const file = join(folder, "boot");
    words.push("-device", `loader,file=${file},addr=${board.bootAddress},force-raw=on`);
  }
  return words;
}

/** A socket that the emulator opens. */
async function listen(path: string, servers: Server[]): Promise<{ socket: Promise<Socket> }> {
  const server = createServer();
  servers.push(server);
  const socket = once(server, "connection").then(([socket]) => socket as Socket);
  socket.catch(() => undefined);
  server.listen(path);
  await once(server, "listening");
  return { socket };
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("error", () => resolve("not started"));
    child.once("close", (code, signal) => resolve(signal ?? code ?? 0));
  });
}

/** `failed` rejects when the emulator is not there, ends at once, or does not answer; after isOver() it may take its time. */
function watchStart(child: ChildProcess, program: string) {
  let complaint = "";
  child.stderr!.on("data", (bytes: Buffer) => {
    complaint = (complaint + bytes.toString()).slice(-COMPLAINT_LENGTH);
  });
  let late: NodeJS.Timeout | undefined;
  const isOver = () => clearTimeout(late);
  const failed = new Promise<never>((_, reject) => {
    late = setTimeout(() => {
      reject(new Error(`${program} does not answer`));
      child.kill("SIGKILL");
    }, START_MS);
    child.once("error", reject);
    child.once("close", (code) => {
      reject(new Error(`${program} ended with code ${code}: ${complaint.trim()}`));
    });
  });
  failed.catch(isOver);
  return { failed, isOver, complaint: () => complaint.trim() };
}

/** QEMU's machine protocol, as far as it is needed: one command after the other. */
function createControl(
  socket: Socket,
  onAnswer: () => void,
): (name: string, words: object) => Promise<void> {
  let rest = "";
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const send = (name: string, words?: object) =>
    new Promise<void>((resolve, reject) => {
      if (socket.destroyed) return reject(new Error("the emulator has ended"));
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: name, arguments: words })}\n`);
    });
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { QMP, event, error } = JSON.parse(line) as Record<string, { desc?: string }>;
      if (QMP !== undefined || event !== undefined) continue;
      const asked = waiting.shift();
      if (error === undefined) asked?.resolve();
      else asked?.reject(new Error(`the emulator refused: ${error.desc}`));
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the emulator has ended"));
  });
  void send("qmp_capabilities").then(onAnswer, () => undefined);
  return send;
}
