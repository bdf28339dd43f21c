// One test at a server, from its cookie on: reads what is to be measured, waits for the streams, counts, and tells the
// client what it has counted. Whatever the client does, it ends, and nothing of it is left in the stack.

import type { Connection } from "../core/connection.js";
import type { Stack } from "../core/stack.js";
import type { Control } from "./control.js";
import { quieten } from "./ending.js";
import { foreign, Iperf3Error } from "./errors.js";
import { createMeasurement, resultsOf, type CpuTimes, type Measurement } from "./measure.js";
import { prepareSocket, prepareStream } from "./prepare.js";
import { readResults, writeResults, type Results } from "./results.js";
import { amountOf, clientSends, countOf, readParameters, type Settings } from "./settings.js";
import { Sign, signName } from "./states.js";
import { factsOf, type Budget, type Stream, type StreamPart } from "./stream.js";
import { createTcpStream } from "./tcpStream.js";
import { createUdpPort, type UdpPort } from "./udpPort.js";
import { createUdpStream } from "./udpStream.js";
import { placesOf, type Test, type Watcher } from "./watcher.js";

export interface ServerWatcher extends Watcher {
  /** What was printed of the test, for a client that asks for it. */
  output(test: Test): unknown;
}

export interface ServerTestPart {
  readonly stack: Stack;
  readonly control: Control;
  readonly cookie: string;
  readonly port: number;
  /** 0: no intervals. */
  readonly intervalMs: number;
  readonly ringBytes: number;
  readonly cpuTimes: () => CpuTimes;
  readonly watcher: ServerWatcher;
  /** `began`: streams were asked for. */
  done(error: Error | null, began: boolean): void;
}

export interface ServerTest {
  readonly cookie: string;
  /** A connection with its cookie; false: none is wanted. */
  take(connection: Connection): boolean;
  /** The client is told. */
  terminate(): void;
}

/** In which a client says what it has to say, and opens its streams. */
const SETUP_MS = 10_000;
/** Beyond the length of a test by time, and without a byte in one by bytes. */
const GRACE_MS = 30_000;
const IDLE_MS = 120_000;
/** What has come before a stream ended is heard by then. */
const HEARING_MS = 10;
/** esnet/iperf's numbers for what a server could not do, which follow SERVER_ERROR. */
const ERROR_NUMBERS = { parameters: 114, sctp: 18, stream: 204 } as const;

export function startServerTest(part: ServerTestPart): ServerTest {
  const { stack, control, cookie, watcher } = part;
  const places = placesOf(control);
  const streams: Stream[] = [];
  const budget: Budget = { left: Infinity };
  let settings: Settings | null = null;
  let udpPort: UdpPort | null = null;
  let test: Test | null = null;
  let measurement: Measurement | null = null;
  let theirs: Results | null = null;
  let isReported = false;
  let isEnding = false;
  let isOver = false;
  let cancelTimer: () => void = () => undefined;

  control.onFailed = (error) => {
    const gone = new Iperf3Error("ECONNRESET", "the client has closed the control connection");
    finish(error ?? gone);
  };
  limit(SETUP_MS, "the client does not say what it wants");
  control.send(Sign.PARAM_EXCHANGE);
  control.readDocument(onParameters);

  function limit(ms: number, why: string): void {
    cancelTimer();
    cancelTimer = stack.after(ms, () => finish(new Iperf3Error("ETIMEDOUT", why)));
  }

  function onParameters(document: unknown): void {
    try {
      settings = readParameters(document);
    } catch (error) {
      const isSctp = /SCTP/.test((error as Error).message);
      refuse(isSctp ? ERROR_NUMBERS.sctp : ERROR_NUMBERS.parameters, error as Error);
      return;
    }
    // Datagrams may be lost, so the client says when it has enough.
    if (settings.protocol === "tcp" && settings.omitSeconds === 0) {
      budget.left = amountOf(settings);
    }
    limit(SETUP_MS, "the client does not open its streams");
    try {
      if (settings.protocol === "udp") udpPort = openUdpPort(settings);
    } catch (error) {
      refuse(ERROR_NUMBERS.stream, error as Error);
      return;
    }
    control.send(Sign.CREATE_STREAMS);
    control.readSign(onSign);
  }

  function openUdpPort(agreed: Settings): UdpPort {
    const socket = stack.bind({ port: part.port });
    prepareSocket(socket, agreed);
    return createUdpPort({
      ...{ socket, local: { ...places.local, port: part.port }, from: places.remote.address },
      open(outlet) {
        if (isComplete()) return null;
        const stream = createUdpStream(outlet, partOf(agreed));
        streams.push(stream);
        // The answer leaves before the signs that follow.
        if (isComplete()) stack.after(0, begin);
        return stream;
      },
    });
  }

  function refuse(number: number, error: Error): void {
    const bytes = new Uint8Array(9);
    bytes[0] = Sign.SERVER_ERROR & 0xff;
    new DataView(bytes.buffer).setInt32(1, number);
    control.sendBytes(bytes);
    finish(error);
  }

  function partOf(agreed: Settings): StreamPart {
    const index = streams.length;
    return {
      ...{ stack, settings: agreed, index, sends: !clientSends(agreed, index), budget },
      moved: () => measurement?.moved(),
      // A client that ends the test says so before it resets its streams, and may be heard after that.
      ended(error) {
        if (error !== null && !isEnding) stack.after(HEARING_MS, () => isEnding || finish(error));
      },
    };
  }

  const isComplete = (): boolean => streams.length >= countOf(settings!);

  function begin(): void {
    if (!isOver) run(settings!);
  }

  function run(agreed: Settings): void {
    test = {
      ...{ role: "server", settings: agreed, cookie, ringBytes: part.ringBytes, ...places },
      streams: streams.map(factsOf),
      mss: control.connection.info()?.sndMss ?? 0,
    };
    measurement = createMeasurement({
      ...{ stack, settings: agreed, streams },
      ...{ intervalMs: part.intervalMs, cpuTimes: part.cpuTimes },
      onInterval: (interval) => watcher.onInterval(test!, interval),
    });
    cancelTimer();
    watcher.onStart(test);
    control.send(Sign.TEST_START);
    control.send(Sign.TEST_RUNNING);
    measurement.begin();
    if (amountOf(agreed) === Infinity && agreed.seconds > 0) {
      const lengthMs = 1000 * (agreed.seconds + agreed.omitSeconds);
      limit(lengthMs + GRACE_MS, "the client does not end the test");
    } else watchIdle();
  }

  function watchIdle(): void {
    const quietMs = stack.clock.now() - measurement!.movedMs;
    if (quietMs < IDLE_MS) cancelTimer = stack.after(Math.max(1, IDLE_MS - quietMs), watchIdle);
    else finish(new Iperf3Error("ETIMEDOUT", `nothing has come for ${IDLE_MS / 1000} s`));
  }

  function onSign(sign: number): void {
    if (isOver) return;
    if (sign === Sign.CLIENT_TERMINATE) {
      return finish(new Iperf3Error("ECONNRESET", "the client has ended the test"));
    }
    if (sign === Sign.TEST_END && measurement !== null && !isEnding) return endTest();
    if (sign === Sign.IPERF_DONE && theirs !== null) return finish(null);
    throw foreign(`the client says ${signName(sign)} where that means nothing`);
  }

  function endTest(): void {
    isEnding = true;
    limit(SETUP_MS, "the client does not tell its results");
    const endedMs = stack.clock.now();
    drainOrQuieten(() => {
      if (isOver) return;
      // What was on its way counts, and so does the time that it took.
      measurement!.end(Math.max(endedMs, measurement!.movedMs));
      control.send(Sign.EXCHANGE_RESULTS);
      control.readDocument(onResults);
    });
  }

  function drainOrQuieten(done: () => void): void {
    measurement!.hush();
    // esnet's client waits for whole blocks by now, and for nothing else: it has to see an end.
    for (const stream of streams) stream.endSending();
    if (settings!.direction === "reverse") stack.after(0, done);
    else quieten(stack, measurement!, done);
  }

  function onResults(document: unknown): void {
    theirs = readResults(document);
    report(null);
    const output = settings!.serverOutput ? watcher.output(test!) : undefined;
    control.sendDocument(writeResults(resultsOf(measurement!.counts(), settings!, output)));
    control.send(Sign.DISPLAY_RESULTS);
    control.readSign(onSign);
  }

  function report(error: Error | null): void {
    if (isReported || test === null) return;
    isReported = true;
    measurement!.end();
    watcher.onEnd(test, { ...measurement!.counts(), theirs, error });
  }

  function finish(error: Error | null): void {
    if (isOver) return;
    isOver = true;
    cancelTimer();
    report(error);
    for (const stream of streams) stream.close();
    udpPort?.close();
    control.close();
    // Who has its results is through, however it left.
    part.done(theirs === null ? error : null, settings !== null);
  }

  return {
    cookie,
    take(connection) {
      const agreed = settings;
      if (agreed?.protocol !== "tcp" || isComplete()) return false;
      prepareStream(connection, agreed);
      streams.push(createTcpStream(connection, partOf(agreed)));
      if (isComplete()) begin();
      return true;
    },
    terminate() {
      if (!isOver) control.send(Sign.SERVER_TERMINATE);
      finish(new Iperf3Error("ECONNRESET", "the server was stopped"));
    },
  };
}
