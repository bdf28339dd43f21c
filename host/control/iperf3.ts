// The call "iperf3": a client or a server of iperf3's protocol on the stack, which sends, receives and counts where the stack
// is; what happens is told.

import { Constant } from "../core/generated/abi.js";
import type { StackInstance } from "../core/instance.js";
import { startClient } from "../iperf3/client.js";
import { failureOf, tellingHandlers, type TestHandlers } from "../iperf3/events.js";
import { startServer } from "../iperf3/server.js";
import {
  DEFAULT_PORT,
  DEFAULT_SECONDS,
  DEFAULT_TCP_LENGTH,
  DEFAULT_UDP_BITRATE,
  lengthRange,
  LIMITS,
  type Settings,
} from "../iperf3/settings.js";
import { cpuTimes } from "../node/cpuTimes.js";
import { packageVersion } from "../version.js";
import {
  address,
  checkArguments,
  flag,
  number,
  oneOf,
  wholeNumber,
  type Arguments,
} from "./arguments.js";
import { controlError, type Running, type StreamCalls, type Told } from "./protocol.js";
import { tellQueued } from "./queued.js";

const INTERVAL_MS = number(LIMITS.leastIntervalMs, LIMITS.intervalMs);

const COMMON = {
  role: oneOf(["client", "server"]),
  address,
  port: wholeNumber(1, 65_535),
  intervalMs: {
    isGood: (value: unknown) => value === 0 || INTERVAL_MS.isGood(value),
    form: `0, or ${INTERVAL_MS.form}`,
  },
};
const SERVER = { ...COMMON, once: flag };
const CLIENT = {
  ...COMMON,
  connectMs: number(0, LIMITS.connectMs),
  protocol: oneOf(["tcp", "udp"]),
  direction: oneOf(["forward", "reverse", "both"]),
  streams: wholeNumber(1, LIMITS.streams),
  length: wholeNumber(0, LIMITS.tcpLength),
  seconds: wholeNumber(0, LIMITS.seconds),
  omitSeconds: wholeNumber(0, LIMITS.omitSeconds),
  bytes: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  blocks: wholeNumber(0, LIMITS.blocks),
  bitrate: number(0, Number.MAX_SAFE_INTEGER),
  mss: wholeNumber(0, 65_535),
  noDelay: flag,
  tos: wholeNumber(0, 255),
  counters64: flag,
  serverOutput: flag,
};

type Given = StreamCalls["iperf3"]["args"];

/** What is started: `done` is called once, and not by its end from outside. */
type Start = (handlers: TestHandlers, done: (error: Error | null) => void) => () => void;

export function openIperf3(
  stack: StackInstance,
  args: Arguments,
  tell: (told: Told) => void,
): Running {
  const isServer = args["role"] === "server";
  checkArguments("iperf3", isServer ? SERVER : CLIENT, args);
  const start = isServer ? serverOf(stack, args as Given) : clientOf(stack, args as Given);
  return tellQueued(tell, (queue, finish) => {
    const done = (error: Error | null): void => finish({ error: failureOf(error) });
    let end = (): void => undefined;
    try {
      end = start(
        tellingHandlers((event) => queue({ event })),
        done,
      );
    } catch (error) {
      done(error as Error);
    }
    return {
      stop() {
        end();
        done(null);
      },
    };
  });
}

const ownOf = ({ core }: StackInstance) => ({
  ringBytes: core.constant(Constant.RECEIVE_RING_BYTES),
  cpuTimes,
});

function serverOf(stack: StackInstance, given: Given): Start {
  const { address: own, port = DEFAULT_PORT, intervalMs = 1000, once = false } = given;
  return (handlers, done) => {
    const server = startServer({
      ...{ stack, port, address: own, intervalMs, once, ...ownOf(stack), ...handlers },
      done: () => done(null),
    });
    return server.close;
  };
}

function clientOf(stack: StackInstance, given: Given): Start {
  const {
    role,
    address: to,
    port = DEFAULT_PORT,
    intervalMs = 1000,
    connectMs = 0,
    ...rest
  } = given;
  if (role !== "client") throw controlError("EINVAL", "iperf3 needs a role: client or server");
  if (to === undefined) throw controlError("EINVAL", "iperf3 needs an address, the server's");
  const settings = settingsOf(rest);
  return ({ watcher }, done) => {
    const client = startClient({
      ...{ stack, to: { address: to, port }, settings, intervalMs, connectMs },
      ...{ version: `mote ${packageVersion()}`, ...ownOf(stack), watcher, done },
      random: (bytes) => void crypto.getRandomValues(bytes),
    });
    return client.terminate;
  };
}

/** Throws EINVAL: a length that its protocol does not take. */
function settingsOf(given: Partial<Settings>): Settings {
  const { protocol = "tcp", bytes = 0, blocks = 0 } = given;
  const isUdp = protocol === "udp";
  const { length = isUdp ? 0 : DEFAULT_TCP_LENGTH } = given;
  const [least, most] = lengthRange(protocol);
  if ((length < least || length > most) && !(isUdp && length === 0)) {
    const form = `a whole number from ${least} to ${most} with ${protocol}`;
    throw controlError("EINVAL", `iperf3: length is ${form}`);
  }
  return {
    ...{ protocol, length, bytes, blocks, direction: "forward", streams: 1, omitSeconds: 0 },
    seconds: bytes + blocks > 0 ? 0 : DEFAULT_SECONDS,
    bitrate: isUdp ? DEFAULT_UDP_BITRATE : 0,
    ...{ mss: 0, noDelay: false, tos: 0, counters64: false, serverOutput: false },
    ...given,
  };
}
