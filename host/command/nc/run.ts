// One run of `mote nc`: a stack of its own, stdin and stdout at its end. Exit code 0: it went as asked.

import type { Stack } from "../../core/stack.js";
import type { Socket } from "../../net/module.js";
import { EXIT_INTERRUPTED, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { flushed } from "../network/flushed.js";
import { settle, unlessDone } from "../network/settle.js";
import { onStation, type Station } from "../network/station.js";
import { connect } from "./connect.js";
import { exchange } from "./datagrams.js";
import { createInput } from "./input.js";
import { listen } from "./listen.js";
import { createNotes } from "./notes.js";
import type { NcOptions } from "./options.js";
import { relay } from "./relay.js";

export function nc(options: NcOptions, io: Io): Promise<number> {
  return onStation(
    options.station,
    io,
    async (station) => {
      const { stop } = station;
      const open = new Set<Socket>();
      setDefaults(station.stack, options);
      await Promise.race([talk(station, options, io, open), stop.asked]);
      for (const socket of open) socket.destroy();
      await settle(station);
      await flushed(io.stdout);
      return stop.reason === "signal" ? EXIT_INTERRUPTED : EXIT_OK;
    },
    EXIT_INTERRUPTED,
  );
}

/** From the first packet on, also for connections that the stack accepts. */
function setDefaults(stack: Stack, { ttl, dscp }: NcOptions): void {
  if (ttl !== undefined) stack.setOption("TTL", ttl);
  if (dscp !== undefined) stack.setOption("DSCP", dscp);
}

async function talk(
  station: Station,
  options: NcOptions,
  io: Io,
  open: Set<Socket>,
): Promise<void> {
  const note = createNotes(io, options.verbose, options.json);
  const input = createInput(io.stdin);
  const ends = { input, stdout: io.stdout, note };
  const { from, link } = station;
  note(`the stack is ${from} on ${link}`, { event: "stack", address: from, link });
  if (options.udp) return exchange(station, options, ends);

  const watch = (socket: Socket): void => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  };
  const converse = (socket: Socket, peer: string): Promise<void> =>
    Promise.race([relay(socket, { ...ends, peer }, options), unlessDone(station)]);
  if (options.listens) return listen(station, options, { io, note, watch, converse });

  const calling = connect(station, options, note, watch);
  const { socket, peer } = await Promise.race([calling, station.failed]);
  if (!options.zero) return converse(socket, peer);
  note(`${peer} is open`, { event: "open", peer });
  socket.destroy();
}
