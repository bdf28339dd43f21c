// autocannon, bounded by a number of requests. It makes its connections with net.connect() and has no option for
// another: its net is that of the world's client as long as it runs.

import { createRequire } from "node:module";
import type * as systemNet from "node:net";
import autocannon, { type Result } from "autocannon";
import type { World } from "./world.js";

const net = createRequire(import.meta.url)("node:net") as { connect: typeof systemNet.connect };

export interface Load {
  readonly port: number;
  readonly path?: string;
  readonly connections: number;
  /** Requests altogether. */
  readonly amount: number;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

export async function loadWith(world: World, { port, path = "/", ...rest }: Load): Promise<Result> {
  const { connect } = net;
  net.connect = world.client.net.connect;
  try {
    return await autocannon({ ...rest, url: `http://${world.server.address}:${port}${path}` });
  } finally {
    net.connect = connect;
  }
}
