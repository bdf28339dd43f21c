// Runs in a namespace: starts the dedicated loop and ends in the way its argument names. Prints
// what happened, one line each.

import { readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { runDedicated } from "../../../host/node/dedicated.js";
import { script } from "./namespace.js";

const [how = "close"] = process.argv.slice(2);
const pcap = `/tmp/mote-dedicated-${process.pid}.pcapng`;

const dedicated = await runDedicated({
  tap: { name: "mote0", hostAddress: "198.18.0.1/30" },
  address: "198.18.0.2/30",
  pcap: how === "pcap" ? pcap : undefined,
  services: { module: new URL("./echoService.js", import.meta.url), data: { port: 7 } },
});
const waiting: ((message: unknown) => void)[] = [];
dedicated.onMessage = (message) => waiting.shift()?.(message);
const ask = (message: unknown) =>
  new Promise<unknown>((resolve) => {
    waiting.push(resolve);
    dedicated.post(message);
  });

async function echo(text: string): Promise<string> {
  const socket = connect(7, "198.18.0.2");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** Ends of a process that must not hang. The device is idle, the worker blocks in poll. */
const ends: Record<string, () => void | Promise<void>> = {
  exit: () => process.exit(3),
  throw: () => {
    setImmediate(() => {
      throw new Error("thrown in the main thread");
    });
  },
  terminate: () => dedicated.terminate(),
  close: async () => {
    const closing = new Promise<unknown>((resolve) => waiting.push(resolve));
    await dedicated.close();
    console.log("services", await closing);
  },
  workerError: async () => {
    dedicated.onError = (error) => console.log("onError", error.message);
    dedicated.post("throw");
    await delay(200);
  },
};

if (how === "talk") {
  console.log("echo", await echo("hello over TAP"));
  console.log("big", (await echo("x".repeat(300_000))).length);
  console.log("message", JSON.stringify(await ask("snapshot")));
  console.log("timer", await ask("after"));
  await delay(2500);
  const first = (await ask("turns")) as { turns: number };
  await delay(500);
  const second = (await ask("turns")) as { turns: number };
  console.log("turns", second.turns - first.turns);
  await dedicated.close();
} else if (how === "pcap") {
  await echo("captured");
  process.on("exit", () => {
    console.log("capture", readFileSync(pcap).length > 1000);
    rmSync(pcap);
  });
  process.exit(0);
} else if (how === "fail") {
  const second = runDedicated({
    tap: { name: "mote0", hostAddress: "198.18.0.1/30" },
    address: "198.18.0.2/30",
    services: { module: script("./echoService.js"), data: { port: 7 } },
  });
  console.log("rejected", await second.catch((error: NodeJS.ErrnoException) => error.code));
  await dedicated.close();
}

const endAt = performance.now();
process.on("exit", () => console.log("ended within", Math.round(performance.now() - endAt), "ms"));
await ends[how]?.();
