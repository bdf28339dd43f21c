// The dedicated loop itself, in its worker: one blocking poll over the TAP device and an eventfd,
// no timeout while nothing is due, and between two polls as many turns as there is work. The
// thread never returns to its event loop, so promises and setTimeout do not run in it.

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import {
  createPollSet,
  drainEventfd,
  loadLinux,
  POLLGONE,
  POLLIN,
  POLLOUT,
} from "../link/linux.js";
import type { Link } from "../link/link.js";
import { createPcapngFile } from "../link/pcapngFile.js";
import { openTap, type TapLink } from "../link/tap.js";
import { tee } from "../link/tee.js";
import { Stop, type WorkerMessage, type WorkerStart } from "./dedicated.js";
import type { RunningServices, StartServices } from "../core/services.js";
import type { Stack } from "../core/stack.js";
import { createStack } from "./createStack.js";

const { options, wakeFd, stop } = workerData as WorkerStart;
const port = parentPort!;
const flag = new Int32Array(stop);
const LONGEST_POLL_MS = 2 ** 31 - 1;
/** Turns between two looks at the eventfd: a flood must not keep messages waiting. */
const TURNS_PER_POLL = 32;

const post = (message: WorkerMessage) => port.postMessage(message);

async function main(): Promise<void> {
  const { hostAddress, mtu, name } = options.tap;
  const { profile, variant, address, mac, router, auto, hostName, record } = options;
  const linux = await loadLinux();
  const stack = await createStack({ profile, variant, loop: false, hostName, record });
  const tap = await openTap(name, { hostAddress, mtu, watch: false });
  const after = stack.after.bind(stack);
  const link: Link =
    options.pcap === undefined ? tap : tee(tap, createPcapngFile(options.pcap), { after });
  try {
    stack.attach(link, { mac, router, auto, addresses: address === undefined ? [] : [address] });
    const services = await startServices(stack);
    post({ kind: "ready", tapName: tap.name, mtu: stack.interfaces()[0]!.mtu });
    loop(linux, tap, link, stack, services);
  } finally {
    stack.close();
    link.close();
  }
}

async function startServices(stack: Stack): Promise<RunningServices> {
  const { module, data } = options.services;
  const { start } = (await import(module)) as { start: StartServices };
  return start({ stack, data, post: (message) => post({ kind: "message", message }) });
}

type LinuxCalls = Awaited<ReturnType<typeof loadLinux>>;

function loop(
  linux: LinuxCalls,
  tap: TapLink,
  link: Link,
  stack: Stack,
  services: RunningServices,
): void {
  const set = createPollSet([tap.fd, wakeFd]);
  for (;;) {
    let more = true;
    for (let turns = 0; more && turns < TURNS_PER_POLL; turns++) more = stack.turn();
    // The flag is looked at before each poll: the eventfd alone could have been drained already.
    const stopping = Atomics.load(flag, 0);
    if (stopping === Stop.CLOSE) services.close?.();
    if (stopping !== Stop.NONE) return;
    const delayMs = more ? 0 : stack.nextDeadline();
    set.want(0, tap.writeBlocked ? POLLIN | POLLOUT : POLLIN);
    linux.poll(set.bytes, set.count, pollTimeout(delayMs));
    const events = set.got(0);
    if (events & POLLGONE) throw new Error(`TAP device ${tap.name}: it was deleted`);
    if (events & POLLOUT) {
      tap.writeBlocked = false;
      link.onWritable?.();
    }
    if (set.got(1)) {
      drainEventfd(linux, wakeFd);
      for (let next; (next = receiveMessageOnPort(port));) services.onMessage?.(next.message);
    }
  }
}

/** poll counts whole milliseconds, rounded up so that it is never early; -1 waits for ever. */
function pollTimeout(delayMs: number): number {
  return delayMs === Infinity ? -1 : Math.min(Math.ceil(delayMs), LONGEST_POLL_MS);
}

main()
  .catch((error: NodeJS.ErrnoException) => post({ kind: "failed", error, code: error.code }))
  .finally(() => {
    Atomics.store(flag, 0, Stop.DONE);
    Atomics.notify(flag, 0);
    port.close();
  });
