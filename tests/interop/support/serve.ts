// Starts `mote serve --json` for a test and asks its status page how the stack is.

import assert from "node:assert/strict";
import { get } from "node:http";
import type { TestContext } from "node:test";
import { startMote, type Running } from "../../command/support/process.js";
import { BOUND } from "./programs.js";
import { usedOf, waitForIdle } from "./stationProcess.js";

/** The first line of --json. */
export interface Serving {
  readonly link: string;
  readonly reason?: string;
  readonly address: string;
  readonly url?: string;
  readonly services: readonly { readonly name: string; readonly port: number }[];
}

/** Of the status page's JSON, what the tests look at. */
export interface Status {
  readonly states: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly connections: readonly { readonly service: string; readonly state: string }[];
  readonly pools: readonly {
    readonly name: string;
    readonly used: number;
    readonly capacity: number;
    readonly highWater: number;
  }[];
}

export interface Served {
  readonly process: Running;
  readonly serving: Serving;
  readonly address: string;
  port(service: string): number;
  status(): Promise<Status>;
  /** Waits until only the question's own connection is left; what else is, or "". */
  notIdle(): Promise<string>;
  /** Ends it in good order; its exit code. */
  stop(): Promise<number | string>;
}

/** `through`: programs that it is started through, for instance to take rights away. */
export async function startServe(
  t: TestContext,
  words: readonly string[],
  through: readonly string[] = BOUND,
): Promise<Served> {
  const process = startMote(t, ["serve", ...words, "--json"], { through });
  const [line] = await process.seen(/^.*"event":"serving".*$/m);
  const serving = JSON.parse(line) as Serving;
  const { address } = serving;
  const port = (service: string): number => {
    const found = serving.services.find(({ name }) => name === service);
    assert.ok(found, `${service} is served`);
    return found.port;
  };
  const status = () => fetchStatus(address, port("http"));
  return {
    process,
    serving,
    address,
    port,
    status,
    notIdle: () => waitForIdle(async () => usedOf(await status()), 1),
    stop() {
      process.child.kill("SIGTERM");
      return process.ended;
    },
  };
}

function fetchStatus(host: string, port: number): Promise<Status> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host, port, path: "/json", agent: false, timeout: 10_000 },
      (response) => {
        let text = "";
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve(JSON.parse(text) as Status));
        response.on("error", reject);
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer of the status page in 10 s")));
    request.on("error", reject);
  });
}
