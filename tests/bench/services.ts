// The services of the measured stack, on the ports that the smoltcp server has too: echo 7,
// discard 9, and on 19 a source that writes one preset buffer for ever. Runs in the worker of the
// dedicated loop.

import type { Connection } from "../../host/core/connection.js";
import type { StartServices } from "../../host/core/services.js";

const ECHO_PORT = 7;
const DISCARD_PORT = 9;
const SOURCE_PORT = 19;
const SOURCE_BYTES = 65536;
const ECHO_BYTES = 4096;

export const start: StartServices = ({ stack }) => {
  const source = new Uint8Array(SOURCE_BYTES).fill("m".charCodeAt(0));
  const scratch = new Uint8Array(ECHO_BYTES);
  stack.listen({ port: DISCARD_PORT }, discard);
  stack.listen({ port: SOURCE_PORT }, (connection) => send(connection, source));
  stack.listen({ port: ECHO_PORT }, (connection) => echo(connection, scratch));
  return {};
};

function discard(connection: Connection): void {
  connection.onReadable = () => {
    let taken;
    do taken = connection.discard(SOURCE_BYTES);
    while (taken > 0);
    if (taken === 0) connection.close();
  };
  connection.onReadable();
}

function send(connection: Connection, source: Uint8Array): void {
  const fill = () => {
    while (connection.write(source) === source.length);
  };
  connection.onWritable = fill;
  connection.onReadable = () => {
    let taken;
    do taken = connection.discard(SOURCE_BYTES);
    while (taken > 0);
    if (taken === 0) connection.abort();
  };
  fill();
}

/** Messages of the bench are shorter than the send ring, so write() takes all of each. */
function echo(connection: Connection, scratch: Uint8Array): void {
  connection.setOption("NO_DELAY", 1);
  connection.onReadable = () => {
    let taken;
    while ((taken = connection.read(scratch)) > 0) {
      if (connection.write(scratch.subarray(0, taken)) !== taken) return connection.abort();
    }
    if (taken === 0) connection.close();
  };
  connection.onReadable();
}
