// Runs in a namespace: a TAP link on the application's event loop, ended as the argument names.

import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { createStack } from "../../../host/node/createStack.js";
import { openTap } from "../../../host/link/tap.js";
import { start } from "./echoService.js";
import { tune } from "./tune.js";

const [how = "close"] = process.argv.slice(2);
// The kernel sends frames of its own where it has IPv6: router solicitations, reports of groups.
const quiet = tune("ipv6/conf/default/disable_ipv6", "1");
const link = await openTap("mote0", { hostAddress: "198.18.0.1/30", mtu: 1400 });
const stack = await createStack();
stack.attach(link, { addresses: ["198.18.0.2/30"] });
start({ stack, data: { port: 7 }, post: () => {} });

console.log("mtu", link.mtu, stack.interfaces()[0]!.mtu);
console.log("address", networkInterfaces().mote0?.[0]?.cidr);

const socket = connect(7, "198.18.0.2");
socket.end("x".repeat(100_000));
let length = 0;
for await (const chunk of socket) length += chunk.length;
console.log("echo", length);

if (how === "idle") {
  await delay(2500);
  const before = stack.turns;
  await delay(500);
  console.log("quiet", quiet, "turns", stack.turns - before);
}

const endAt = performance.now();
process.on("exit", () => console.log("ended within", Math.round(performance.now() - endAt), "ms"));
if (how === "exit") process.exit(3);
if (how === "throw") throw new Error("thrown in the main thread");
stack.close();
