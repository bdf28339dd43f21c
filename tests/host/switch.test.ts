// Switch: learning, flooding, bounds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "../../host/link/link.js";
import { createSwitch } from "../../host/link/switch.js";

const BROADCAST = 0xffffffffffff;
const station = (number: number) => 0x020000000000 + number;

function frame(destination: number, source: number, mark = 0): Buffer {
  const bytes = Buffer.alloc(60, mark);
  bytes.writeUIntBE(destination, 0, 6);
  bytes.writeUIntBE(source, 6, 6);
  return bytes;
}

/** Marks of the frames that wait at a port. */
function drain(port: Link): number[] {
  const into = Buffer.alloc(1514);
  const marks = [];
  while (port.read(into) > 0) marks.push(into[20]!);
  return marks;
}

test("an unknown station is flooded, a known one is not", () => {
  const network = createSwitch();
  const [a, b, c] = [network.port(), network.port(), network.port()];
  a.write(frame(station(2), station(1), 11));
  assert.deepEqual([drain(a), drain(b), drain(c)], [[], [11], [11]]);
  b.write(frame(station(1), station(2), 12));
  assert.deepEqual([drain(a), drain(b), drain(c)], [[12], [], []]);
  a.write(frame(station(2), station(1), 13));
  assert.deepEqual([drain(a), drain(b), drain(c)], [[], [13], []]);
  assert.equal(network.stations, 2);
  assert.deepEqual([network.framesFlooded, network.framesForwarded], [1, 2]);
});

test("broadcast and multicast go everywhere but back", () => {
  const network = createSwitch();
  const [a, b, c] = [network.port(), network.port(), network.port()];
  a.write(frame(BROADCAST, station(1), 1));
  a.write(frame(0x01005e000001, station(1), 2));
  assert.deepEqual([drain(a), drain(b), drain(c)], [[], [1, 2], [1, 2]]);
});

test("a station that moves is found at its new port", () => {
  const network = createSwitch();
  const [a, b, c] = [network.port(), network.port(), network.port()];
  a.write(frame(BROADCAST, station(1)));
  b.write(frame(BROADCAST, station(1)));
  [a, b, c].forEach(drain);
  c.write(frame(station(1), station(3), 5));
  assert.deepEqual([drain(a), drain(b)], [[], [5]]);
});

test("the table is bounded and forgets the station not heard of for longest", () => {
  const network = createSwitch({ stations: 4 });
  const [a, b, c] = [network.port(), network.port(), network.port()];
  for (let number = 1; number <= 1000; number++) a.write(frame(BROADCAST, station(number)));
  assert.equal(network.stations, 4);
  [a, b, c].forEach(drain);
  b.write(frame(station(1000), station(5000), 1));
  b.write(frame(station(1), station(5000), 2));
  assert.deepEqual([drain(a), drain(c)], [[1, 2], [2]]);
});

test("a full port drops, and says how often", () => {
  const network = createSwitch({ capacity: 3 });
  const [a, b] = [network.port(), network.port()];
  for (let mark = 0; mark < 10; mark++) a.write(frame(BROADCAST, station(1), mark));
  assert.deepEqual(drain(b), [0, 1, 2]);
  assert.equal(network.framesDropped, 7);
});

test("runts and group addresses as source are not learned", () => {
  const network = createSwitch();
  const [a, b] = [network.port(), network.port()];
  a.write(Buffer.alloc(13));
  assert.equal(network.framesDropped, 1);
  a.write(frame(BROADCAST, 0x030000000001));
  assert.equal(network.stations, 0);
  assert.equal(drain(b).length, 1);
});

test("an unplugged port is forgotten", () => {
  const network = createSwitch();
  const [a, b, c] = [network.port(), network.port(), network.port()];
  a.write(frame(BROADCAST, station(1)));
  a.close();
  assert.equal(network.ports, 2);
  assert.equal(network.stations, 0);
  [b, c].forEach(drain);
  b.write(frame(station(1), station(2), 3));
  assert.deepEqual(drain(c), [3]);
});
