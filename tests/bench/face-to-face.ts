// Two stacks in one process that send to each other as fast as they can: once as two cores whose
// frames are copied by hand (the core alone), once as two stacks on a MemoryLink (the way that
// programs use them). One copy into the sender, one out of the receiver.

import { randomBytes } from "node:crypto";
import type { Connection } from "../../host/core/connection.js";
import type { Core } from "../../host/core/core.js";
import { createCore } from "../../host/node/builds.js";
import { createStack } from "../../host/node/createStack.js";
import { MemoryLink } from "../../host/link/memory.js";
import { BenchError } from "./arguments.js";
import { check } from "./fan-in.js";

export interface Throughput {
  readonly title: string;
  readonly gigabits: number;
  readonly nsPerKib: number;
}

const PORT = 9;
const WARM_UP_MS = 500;
const MEASURE_MS = 2000;
/** Turns without a byte before the transfer counts as stuck. */
const IDLE_TURNS = 1_000_000;
const CHUNK_BYTES = 65536;

/** Frames are copied from the transmit buffer of one core to the receive buffer of the other. */
export async function coresFaceToFace(): Promise<Throughput> {
  const [client, server] = [await createCore("desktop"), await createCore("desktop")];
  configure(client, 1);
  configure(server, 2);
  const { exports: from } = client;
  const { exports: to } = server;
  const listener = check("listen", to.listen(0, PORT, 1));
  const remote = client.putAddress(Uint8Array.of(198, 18, 0, 2));
  const sender = check("connect", from.connect(remote, PORT, 0, 0));
  let receiver = 0;
  const input = new Uint8Array(CHUNK_BYTES).fill(0x6d);
  const output = new Uint8Array(CHUNK_BYTES);

  function turn(): number {
    const now = performance.now() + 1000;
    client.advance(now);
    server.advance(now);
    for (let room = from.sendSpan(sender); room > 0; room = from.sendSpan(sender)) {
      const length = Math.min(room, input.length);
      client.memory.set(
        length === input.length ? input : input.subarray(0, length),
        client.spanPointer(),
      );
      from.commit(sender, length);
    }
    carry(client, server);
    if (receiver <= 0) receiver = Math.max(0, to.accept(listener));
    let bytes = 0;
    if (receiver > 0) {
      for (let n = to.receiveSpan(receiver); n > 0; n = to.receiveSpan(receiver)) {
        const pointer = server.spanPointer();
        output.set(server.memory.subarray(pointer, pointer + n));
        to.consume(receiver, n);
        bytes += n;
      }
    }
    carry(server, client);
    while (from.nextEvent() !== 0);
    while (to.nextEvent() !== 0);
    while (from.expire() !== 0);
    while (to.expire() !== 0);
    return bytes;
  }
  return { title: "two cores, frames copied by hand", ...measure(turn) };
}

/** Sends all that `from` has to `to`, and their immediate replies back and forth. */
function carry(from: Core, to: Core): void {
  for (let length = from.exports.transmit(0); length !== 0; length = from.exports.transmit(0)) {
    to.rx.set(from.tx(length));
    let [sender, other] = [from, to];
    for (let reply = to.exports.receive(0, length); reply !== 0;) {
      sender.rx.set(other.tx(reply));
      reply = sender.exports.receive(0, reply);
      [sender, other] = [other, sender];
    }
  }
}

function configure(core: Core, host: number): void {
  core.seed(randomBytes(32));
  core.advance(1000);
  core.putAddress(Uint8Array.of(2, 0, 0, 0, 0, host));
  check("interfaceConfigure", core.exports.interfaceConfigure(0, 1500));
  const length = core.putAddress(Uint8Array.of(198, 18, 0, host));
  check("addressAdd", core.exports.addressAdd(0, length, 30, 0));
  check("interfaceLink", core.exports.interfaceLink(0, 1));
}

/** The host's stacks, on the same release binary, driven turn by turn. */
export async function stacksOverMemoryLink(): Promise<Throughput> {
  const [linkA, linkB] = MemoryLink.pair();
  const client = await createStack({ loop: false });
  const server = await createStack({ loop: false });
  client.attach(linkA, { addresses: ["198.18.0.1/30"] });
  server.attach(linkB, { addresses: ["198.18.0.2/30"] });
  const input = new Uint8Array(CHUNK_BYTES).fill(0x6d);
  const output = new Uint8Array(CHUNK_BYTES);
  let received = 0;
  server.listen({ port: PORT }, (connection: Connection) => {
    connection.onReadable = () => {
      let taken;
      while ((taken = connection.read(output)) > 0) received += taken;
    };
  });
  const sender = client.connect({ host: "198.18.0.2", port: PORT });
  const fill = () => {
    while (sender.write(input) === input.length);
  };
  sender.onConnect = fill;
  sender.onWritable = fill;

  function turn(): number {
    const before = received;
    client.turn();
    server.turn();
    return received - before;
  }
  const figures = measure(turn);
  client.close();
  server.close();
  return { title: "two stacks over a MemoryLink", ...figures };
}

/** Repeats `turn`, which returns the bytes that arrived in it. */
function measure(turn: () => number): { gigabits: number; nsPerKib: number } {
  run(turn, WARM_UP_MS);
  const { bytes, cpuUs } = run(turn, MEASURE_MS);
  return { gigabits: (bytes * 8) / (cpuUs * 1000), nsPerKib: (cpuUs * 1000) / (bytes / 1024) };
}

/** In CPU time, so that other load on the machine falls out. */
function run(turn: () => number, lengthMs: number): { bytes: number; cpuUs: number } {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let bytes = 0;
  let idle = 0;
  while (performance.now() - start < lengthMs) {
    const moved = turn();
    bytes += moved;
    idle = moved === 0 ? idle + 1 : 0;
    if (idle > IDLE_TURNS) throw new BenchError("two stacks in one process: the transfer is stuck");
  }
  if (bytes === 0) throw new BenchError("two stacks in one process: no byte arrived");
  const { user, system } = process.cpuUsage(cpu);
  return { bytes, cpuUs: user + system };
}
