// Whether somebody listens at a control socket: a connection is opened, and closed without a word.

import { kernelNet } from "../kernelNet.js";

/** stale: nobody does, and the file is what a process has left behind. gone: there is no file. */
export type Knock = "alive" | "stale" | "gone";

export function knock(path: string): Promise<Knock> {
  return new Promise((resolve) => {
    const socket = kernelNet.connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve("alive");
    });
    // Whatever else goes wrong does not say that nobody is there.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code === "ECONNREFUSED" ? "stale" : code === "ENOENT" ? "gone" : "alive");
    });
  });
}
