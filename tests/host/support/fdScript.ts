// Runs in a namespace: a worker opens a TAP link and closes it; the number of its descriptor goes to a
// file of the main thread, which must still have it when the worker has ended.

import { fstatSync, openSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { openTap } from "../../../host/link/tap.js";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on("message", (tapFd: number) => {
    const files = Array.from({ length: 8 }, () => openSync("/dev/null", "r"));
    console.log("taken over", files.includes(tapFd));
    worker.on("exit", () => {
      for (const file of files) fstatSync(file);
      console.log("all open");
    });
    worker.postMessage("end");
  });
} else {
  const link = await openTap("mote0", { hostAddress: "198.18.0.1/30", watch: false });
  link.close();
  parentPort!.once("message", () => parentPort!.close());
  parentPort!.postMessage(link.fd);
}
