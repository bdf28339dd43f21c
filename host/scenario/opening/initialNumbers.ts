// O9: where connections begin to count.

import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";
import { tableLines } from "../table.js";

const FIRST_PORT = 50_001;
const CONNECTIONS = 4;
/** Only the first is drawn. */
const DRAWN = `${FIRST_PORT}:${PORT}`;

export const initialNumbers: Scenario = {
  id: "O9",
  family: "opening",
  title: "Initial sequence numbers",
  shows:
    "Four connections begin at four numbers that have nothing to do with each other. The first one is closed and " +
    "opened again from the same port: now the number has only moved on with the clock. Then the client is " +
    "switched off and on, and the same four connections begin somewhere else.",
  look: [
    "Only the connections from the first port are drawn; the table has all of them.",
    "Nobody who sees one number can guess that of another connection: they come from a keyed hash.",
    "For the same two ends the numbers rise by one every 4 microseconds, so an old segment is recognised as old.",
    "The key is new after each start. The seed of this run stands for it: try --seed 2.",
  ],
  why:
    "Whoever guesses the number can speak in the name of a host whose packets he never sees. RFC 6528, section 3: " +
    "ISN = clock + hash(addresses, ports, secret); RFC 9293, section 3.4.1.",
  async script(world, expect) {
    const { server } = world;
    server.listen(PORT);
    world.silence((key) => key !== DRAWN);
    const rows: (string | number)[][] = [["", "port", "ISN", "rises by"]];

    function begin(name: string, port: number): number {
      const talk = world.client.connect(PORT, { localPort: port });
      world.until("it is open", () => talk.isOpen);
      const { iss } = talk.connection.info()!;
      talk.abort();
      world.run(100);
      rows.push([name, port, iss, ""]);
      return iss;
    }

    const all = (name: string): number[] =>
      Array.from({ length: CONNECTIONS }, (_, index) => begin(name, FIRST_PORT + index));

    const before = all("first");
    const startMs = world.clock.now();
    const again = begin("again", FIRST_PORT);
    const rise = (again - before[0]!) >>> 0;
    rows.at(-1)![3] = rise;
    expect.that(`it rises with the clock, not by ${rise}`, rise > 0 && rise < startMs * 250 + 1);
    await world.reboot("client");
    const after = all("restarted");
    world.show("Numbers of the client", tableLines(rows));
    const distinct = new Set([...before, again, ...after]).size;
    expect.equal("different numbers", distinct, 2 * CONNECTIONS + 1);
    for (const [index, number] of after.entries()) {
      const far = Math.abs(number - before[index]!) > 1_000_000;
      expect.that(`${number} is close to ${before[index]}`, far);
    }
  },
};
