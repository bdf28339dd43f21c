// A port that the main thread listens on, as a worker and a child process see it: their stacks know of no such port.

import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const file = new URL(import.meta.url);

async function attempt(who, port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.destroy();
    return `${who} connected`;
  } catch (error) {
    return `${who}: ${error.code}`;
  }
}

if (process.send !== undefined) {
  process.send(await attempt("child", Number(process.argv[2])));
  process.disconnect();
} else if (!isMainThread) {
  parentPort.postMessage(await attempt("worker", workerData));
} else {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  console.log(await attempt("main", port));
  const worker = new Worker(file, { workerData: port });
  console.log((await once(worker, "message"))[0]);
  const child = fork(file, [String(port)]);
  console.log((await once(child, "message"))[0]);
  server.close();
}
