// The calls "ping" and "trace": echo requests of the stack, sent and timed where it is.

import type { StackInstance } from "../core/instance.js";
import { startPinger } from "../probe/pinger.js";
import { startTracer } from "../probe/tracer.js";
import { address, checkArguments, number, wholeNumber, type Arguments } from "./arguments.js";
import { controlError, errorOf, type Running, type StreamCalls, type Told } from "./protocol.js";
import { tellQueued } from "./queued.js";

const WAIT_MS = number(1, 86_400_000);

const PING_ARGUMENTS = {
  address,
  count: wholeNumber(1, 1e9),
  intervalMs: number(10, 86_400_000),
  bytes: wholeNumber(0, 65_507),
  timeoutMs: WAIT_MS,
  ttl: wholeNumber(1, 255),
};
const TRACE_ARGUMENTS = {
  address,
  maxHops: wholeNumber(1, 255),
  queries: wholeNumber(1, 10),
  waitMs: WAIT_MS,
};

type Tell = (told: Told) => void;

export function openPing(stack: StackInstance, args: Arguments, tell: Tell): Running {
  checkArguments("ping", PING_ARGUMENTS, args);
  const { address, count = Infinity, ...rest } = args as StreamCalls["ping"]["args"];
  if (address === undefined) throw controlError("EINVAL", "ping needs an address");
  const plan = { intervalMs: 1000, bytes: 56, timeoutMs: 10_000, ttl: 64, ...rest };
  return tellQueued(tell, (queue, finish) =>
    startPinger(
      stack,
      { address, count, ...plan },
      {
        begun: () => undefined,
        answer: (answer) => queue({ answer }),
        failed: (error) => finish({ summary: null, error: errorOf(error) }),
        done: (summary) => finish({ summary, error: null }),
      },
    ),
  );
}

export function openTrace(stack: StackInstance, args: Arguments, tell: Tell): Running {
  checkArguments("trace", TRACE_ARGUMENTS, args);
  const { address, ...rest } = args as StreamCalls["trace"]["args"];
  if (address === undefined) throw controlError("EINVAL", "trace needs an address");
  const plan = { maxHops: 30, queries: 3, waitMs: 5000, ...rest };
  return tellQueued(tell, (queue, finish) =>
    startTracer(
      stack,
      { address, ...plan },
      {
        begun: () => undefined,
        hop: (hop) => queue({ hop }),
        failed: (error) => finish({ reached: false, error: errorOf(error) }),
        done: (reached) => finish({ reached, error: null }),
      },
    ),
  );
}
