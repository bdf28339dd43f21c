// The dedicated loop, seen from the thread that starts it: a worker owns TAP device, stack and
// services, and blocks in poll. Messages cross by ports; an eventfd beside the device makes the
// worker look at them, and a shared flag makes it stop. The flag and the eventfd are also set when
// this process exits: a thread that blocks in poll would otherwise keep it from ending.

import type { RecordOptions } from "../record/record.js";
import { Worker } from "node:worker_threads";
import { loadLinux, signalEventfd } from "../link/linux.js";
import type { ProfileName, VariantName } from "../core/core.js";
import type { AutoOptions } from "../core/lease.js";

/** A TAP device, a stack on it, and what it serves. */
export interface DedicatedOptions {
  /** Which build of the core. Default "desktop". */
  profile?: ProfileName;
  /** Default "release". */
  variant?: VariantName;
  /** The TAP device. */
  tap: {
    /** 1 to 15 characters. */
    name: string;
    /** The host's side, "198.18.0.1/30"; null: it has none. */
    hostAddress: string | null;
    /** Bytes of an IP packet. Default: the device's. */
    mtu?: number;
  };
  /** The stack's own address, "198.18.0.2/30". Default: none. */
  address?: string;
  /** Addresses that it gets by itself. */
  auto?: AutoOptions;
  /** As StackOptions has it. */
  hostName?: string;
  /** As AttachOptions has it. */
  mac?: string | Uint8Array;
  /** As AttachOptions has it. */
  router?: string;
  /** File that gets a capture of every frame. */
  pcap?: string;
  /** As NodeStackOptions has it; into a file alone. */
  record?: RecordOptions;
  /** What runs in the worker. */
  services: {
    /** URL of a module whose export `start` is a StartServices. */
    module: string | URL;
    /** What it gets; must survive structured cloning. */
    data?: unknown;
  };
}

/** A stack in a worker of its own. */
export interface Dedicated {
  /** Name of the TAP device. */
  readonly tapName: string;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  /** Sends a message to the services' onMessage. */
  post(message: unknown): void;
  /** Messages from the services' post(). Those that came before it was set are kept for it. */
  onMessage: ((message: unknown) => void) | null;
  /** The worker ended by itself with an error. */
  onError: ((error: Error) => void) | null;
  /** Calls the services' close(), closes stack, capture and device; resolves when the thread ended. */
  close(): Promise<void>;
  /** The same without the services' close(). */
  terminate(): Promise<void>;
}

/** What the worker is started with. */
export interface WorkerStart {
  options: Omit<DedicatedOptions, "services"> & { services: { module: string; data?: unknown } };
  wakeFd: number;
  /** One i32: a member of Stop. */
  stop: SharedArrayBuffer;
}

export const Stop = { NONE: 0, CLOSE: 1, NOW: 2, DONE: 3 } as const;

/** How long an exiting process waits for the worker to write out its capture, ms. */
const EXIT_GRACE_MS = 300;

/** From the worker. */
export type WorkerMessage =
  | { kind: "ready"; tapName: string; mtu: number }
  | { kind: "failed"; error: Error; code?: string }
  | { kind: "message"; message: unknown };

/** Starts the worker. Rejects with TapLink's errors, or those of attaching and of the services. */
export async function runDedicated(options: DedicatedOptions): Promise<Dedicated> {
  const linux = await loadLinux();
  const wakeFd = linux.eventfd();
  const stop = new SharedArrayBuffer(4);
  const flag = new Int32Array(stop);
  const services = { ...options.services, module: String(options.services.module) };
  const start: WorkerStart = { options: { ...options, services }, wakeFd, stop };
  const worker = new Worker(new URL("./dedicatedWorker.js", import.meta.url), {
    workerData: start,
  });

  const wake = () => signalEventfd(linux, wakeFd);
  const stopNow = () => {
    Atomics.store(flag, 0, Stop.NOW);
    wake();
  };
  const stopAtExit = () => {
    stopNow();
    Atomics.wait(flag, 0, Stop.NOW, EXIT_GRACE_MS);
  };
  process.on("exit", stopAtExit);
  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      process.off("exit", stopAtExit);
      linux.close(wakeFd);
      resolve();
    });
  });

  const early: unknown[] = [];
  let onMessage: ((message: unknown) => void) | null = null;
  const dedicated: { -readonly [Key in keyof Dedicated]: Dedicated[Key] } = {
    tapName: options.tap.name,
    mtu: 0,
    onError: null,
    post(message) {
      worker.postMessage(message);
      wake();
    },
    get onMessage() {
      return onMessage;
    },
    set onMessage(handler) {
      onMessage = handler;
      if (handler) for (const message of early.splice(0)) handler(message);
    },
    async close() {
      Atomics.compareExchange(flag, 0, Stop.NONE, Stop.CLOSE);
      wake();
      await ended;
    },
    async terminate() {
      stopNow();
      await ended;
    },
  };

  const { tapName, mtu } = await new Promise<{ tapName: string; mtu: number }>((ready, fail) => {
    // Before it is ready an error rejects the start, afterwards it is reported.
    const report = (error: Error) => {
      fail(error);
      dedicated.onError?.(error);
    };
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") ready(message);
      else if (message.kind === "failed") report(errorOf(message));
      else if (onMessage) onMessage(message.message);
      else early.push(message.message);
    });
    worker.on("error", report);
    worker.on("exit", () => fail(new Error("the worker ended before it was ready")));
  });
  return Object.assign(dedicated, { tapName, mtu });
}

/** Cloning between threads drops an error's own properties. */
function errorOf({ error, code }: { error: Error; code?: string }): Error {
  return code === undefined ? error : Object.assign(error, { code });
}
