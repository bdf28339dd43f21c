// A stack on a TAP device in a process of its own, which is to be killed: it echoes what comes to port 7, and on a
// connection that it opens itself. Told to, it writes a snapshot and dies; another one of it goes on from there.
// What an owner has read and not yet written is the application's own, and goes into a file beside the snapshot.

import { readFileSync, writeFileSync } from "node:fs";
import {
  createStack,
  openTap,
  restoreStack,
  writeSnapshot,
  type Connection,
  type PoolLevels,
  type Stack,
} from "../../../host/index.js";

export type Order =
  | { readonly ask: "connect"; readonly host: string; readonly port: number }
  | { readonly ask: "levels" }
  /** Without "stop" it kills itself at once, as nothing of it may speak any more. */
  | { readonly ask: "snapshot"; readonly file: string; readonly stop: boolean }
  | { readonly ask: "end" };

export interface EchoLevels {
  readonly connections: readonly {
    readonly state: string;
    readonly remotePort: number;
    readonly receiveQueue: number;
    readonly sendQueue: number;
  }[];
  readonly pools: readonly PoolLevels[];
  readonly counters: ReturnType<Stack["counters"]>;
}

/** Bytes read and not yet written, by the peer's port. */
const held = new Map<number, Buffer>();
const chunk = Buffer.alloc(10_000);

function echo(connection: Connection): void {
  const { remotePort } = connection;
  const move = (): void => {
    for (;;) {
      const rest = held.get(remotePort);
      if (rest !== undefined) {
        const taken = connection.write(rest);
        held.set(remotePort, rest.subarray(taken));
        if (taken < rest.length) return;
        held.delete(remotePort);
      }
      const length = connection.read(chunk);
      if (length < 0) return;
      if (length === 0) return connection.close();
      held.set(remotePort, Buffer.from(chunk.subarray(0, length)));
    }
  };
  connection.onConnect = connection.onReadable = connection.onWritable = move;
}

const stateFile = (file: string) => `${file}.state`;

function writeState(file: string): void {
  const state = [...held].map(([port, bytes]) => [port, bytes.toString("base64")]);
  writeFileSync(stateFile(file), JSON.stringify(state));
}

function readState(file: string): void {
  const state = JSON.parse(readFileSync(stateFile(file), "utf8")) as [number, string][];
  for (const [port, bytes] of state) held.set(port, Buffer.from(bytes, "base64"));
}

async function begin(device: string, hostAddress: string, address: string): Promise<Stack> {
  const stack = await createStack();
  const tap = await openTap(device, { hostAddress });
  stack.attach(tap, { addresses: [address] });
  stack.listen({ port: 7 }, echo);
  return stack;
}

async function resume(device: string, hostAddress: string, file: string): Promise<Stack> {
  const tap = await openTap(device, { hostAddress });
  readState(file);
  return restoreStack(file, { links: [tap], onConnection: echo });
}

const [how = "", device = "", hostAddress = "", what = ""] = process.argv.slice(2);
const stack = await (how === "begin" ? begin : resume)(device, hostAddress, what);

function levels(): EchoLevels {
  return {
    connections: stack.connections().map(({ state, remotePort, receiveQueue, sendQueue }) => {
      return { state, remotePort, receiveQueue, sendQueue };
    }),
    pools: stack.pools(),
    counters: stack.counters(),
  };
}

process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => {
  switch (order.ask) {
    case "connect":
      echo(stack.connect({ host: order.host, port: order.port }));
      break;
    case "levels":
      process.send!(levels());
      break;
    case "snapshot":
      writeSnapshot(order.file, stack, { stop: order.stop });
      writeState(order.file);
      if (order.stop) process.send!("stopped");
      else process.kill(process.pid, "SIGKILL");
      break;
    case "end":
      stack.close();
      process.disconnect();
  }
});
process.send!("ready");
