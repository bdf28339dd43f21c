// The benches that need neither rights nor peers: everything in this process, on the release
// binary. Two stacks that talk to each other, and the price of one small segment as the number of
// connections grows.

import { writeFileSync } from "node:fs";
import { measureFanIn, type FanIn } from "./fan-in.js";
import { aligned } from "./report.js";
import { coresFaceToFace, stacksOverMemoryLink, type Throughput } from "./face-to-face.js";

const CONNECTIONS = [1, 16, 64, 256, 1024];

export async function micro(json: string | undefined): Promise<void> {
  const throughput: Throughput[] = [await coresFaceToFace(), await stacksOverMemoryLink()];
  console.log(
    aligned([
      ["two stacks in this process, checksums on", "Gbit/s", "ns per KiB"],
      ...throughput.map(({ title, gigabits, nsPerKib }) => [
        title,
        gigabits.toFixed(2),
        nsPerKib.toFixed(0),
      ]),
    ]),
  );
  const fanIn: FanIn[] = [];
  for (const connections of CONNECTIONS) fanIn.push(await measureFanIn(connections));
  console.log(
    `\n${aligned([
      ["ns per in-order 64-byte segment among n", ...CONNECTIONS.map((n) => `n=${n}`)],
      ["receive()", ...fanIn.map((row) => row.receiveNs.toFixed(0))],
      ["with event, read and ACK", ...fanIn.map((row) => row.wholeNs.toFixed(0))],
    ])}`,
  );
  if (json !== undefined) {
    writeFileSync(
      json,
      `${JSON.stringify({ node: process.version, throughput, fanIn }, null, 2)}\n`,
    );
  }
}
