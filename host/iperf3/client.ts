// The client of a test: connects, says what is to be measured, opens the streams, and ends when the time has passed or
// the bytes have gone. All by callbacks, so that it runs under every loop and clock.

import type { Connection } from "../core/connection.js";
import type { Stack } from "../core/stack.js";
import { createControl } from "./control.js";
import { cookieBytes, makeCookie } from "./cookie.js";
import { drain } from "./ending.js";
import { foreign, Iperf3Error } from "./errors.js";
import { createMeasurement, resultsOf, type CpuTimes, type Measurement } from "./measure.js";
import { prepareControl, prepareStream } from "./prepare.js";
import { readResults, writeResults, type Results } from "./results.js";
import { amountOf, clientSends, countOf, writeParameters, type Settings } from "./settings.js";
import { Sign, signName } from "./states.js";
import { factsOf, type Budget, type Place, type Stream, type StreamPart } from "./stream.js";
import { createTcpStream } from "./tcpStream.js";
import { openUdp } from "./udpOpen.js";
import { createUdpStream } from "./udpStream.js";
import { placesOf, type Test, type Watcher } from "./watcher.js";

export interface ClientOptions {
  readonly stack: Stack;
  readonly to: Place;
  /** `length` 0, with UDP: what a TCP segment of the control connection carries. */
  readonly settings: Settings;
  /** 0: no intervals. */
  readonly intervalMs: number;
  /** In which the control connection is there and has been answered; 0: as long as it takes. */
  readonly connectMs: number;
  readonly version: string;
  /** Of each connection's rings, bytes: what is told of the test. */
  readonly ringBytes: number;
  readonly cpuTimes: () => CpuTimes;
  readonly random: (bytes: Uint8Array) => void;
  readonly watcher: Watcher;
  /** It is over, and nothing is left of it in the stack but what still leaves. Called once. */
  done(error: Error | null): void;
}

export interface Client {
  /** Ends it now, in good order: the server is told. */
  terminate(): void;
}

/** How long the server may be silent where it has to answer. */
const ANSWER_MS = 30_000;

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code;

export function startClient(options: ClientOptions): Client {
  const { stack, to, watcher } = options;
  let { settings } = options;
  const cookie = makeCookie(options.random);
  const streams: Stream[] = [];
  const budget: Budget = { left: Infinity };
  let opening: (() => void) | null = null;
  let test: Test | null = null;
  let measurement: Measurement | null = null;
  let theirs: Results | null = null;
  let isReported = false;
  let isOver = false;
  let isEnding = false;
  /** The server is ready. */
  let mayRun = false;
  /** Bytes in one direction with which it ends. */
  let amount = Infinity;
  let expected: readonly number[] = [Sign.PARAM_EXCHANGE];
  let cancelTimer: () => void = () => undefined;

  const connection = stack.connect({ host: to.address, port: to.port });
  prepareControl(connection);
  const control = createControl(connection);
  control.onFailed = (error) => {
    const isFirst = expected.includes(Sign.PARAM_EXCHANGE);
    if (error !== null && !(isFirst && codeOf(error) === "ECONNRESET")) return finish(error);
    // esnet's server leaves the cookie of a second client unread, and its word with which it refuses goes with the reset.
    const why = isFirst
      ? "the server has hung up: it is busy with another test, or no iperf3"
      : "the server has closed the control connection";
    finish(new Iperf3Error("ECONNRESET", why));
  };
  const { connectMs } = options;
  if (connectMs > 0) {
    const why = `no answer within ${connectMs / 1000} s`;
    limit(connectMs, new Iperf3Error("ETIMEDOUT", why));
  }
  control.onOpen = () => {
    if (connectMs === 0) expect(...expected);
  };
  control.sendBytes(cookieBytes(cookie));
  control.readSign(onSign);

  function limit(ms: number, error: Error): void {
    cancelTimer();
    cancelTimer = stack.after(ms, () => finish(error));
  }

  function expect(...signs: number[]): void {
    expected = signs;
    const names = signs.map(signName).join(" or ");
    limit(ANSWER_MS, new Iperf3Error("ETIMEDOUT", `the server does not say ${names}`));
  }

  function onSign(sign: number): void {
    if (isOver) return;
    if (sign === Sign.ACCESS_DENIED) {
      return finish(new Iperf3Error("EBUSY", "the server is busy running another test"));
    }
    if (sign === Sign.SERVER_TERMINATE) {
      return finish(new Iperf3Error("ECONNRESET", "the server has ended the test"));
    }
    if (sign === Sign.SERVER_ERROR) return control.readErrors(onServerError);
    if (!expected.includes(sign)) {
      throw foreign(`the server says ${signName(sign)} where that means nothing`);
    }
    act(sign);
  }

  function onServerError(error: number): void {
    finish(new Iperf3Error("EPROTO", `the server reports error ${error} of iperf3`));
  }

  function act(sign: number): void {
    switch (sign) {
      case Sign.PARAM_EXCHANGE:
        sendParameters();
        expect(Sign.CREATE_STREAMS);
        break;
      case Sign.CREATE_STREAMS:
        expect(Sign.TEST_START);
        openNext();
        break;
      case Sign.TEST_START:
        expect(Sign.TEST_RUNNING);
        break;
      case Sign.TEST_RUNNING:
        // While it runs the server has nothing to say, but that it ends.
        expected = [];
        mayRun = true;
        runIfOpen();
        break;
      case Sign.EXCHANGE_RESULTS:
        control.sendDocument(writeResults(resultsOf(measurement!.counts(), settings, undefined)));
        control.readDocument((document) => {
          theirs = readResults(document);
          expect(Sign.DISPLAY_RESULTS);
          control.readSign(onSign);
        });
        return;
      default:
        // DISPLAY_RESULTS
        control.send(Sign.IPERF_DONE);
        finish(null);
        return;
    }
    control.readSign(onSign);
  }

  function sendParameters(): void {
    const { length } = settings;
    const mss = connection.info()?.sndMss ?? 0;
    if (length === 0) settings = { ...settings, length: mss };
    amount = budget.left = amountOf(settings);
    control.sendDocument(writeParameters(settings, options.version));
  }

  /** One after the other: a server takes them in this order. */
  function openNext(): void {
    const index = streams.length;
    if (index === countOf(settings)) {
      opening = null;
      return;
    }
    try {
      open(index);
    } catch (error) {
      finish(error as Error);
    }
  }

  function open(index: number): void {
    if (settings.protocol === "tcp") openTcp(index);
    else {
      opening = openUdp({
        ...{ stack, settings, local: connection.localAddress, remote: to },
        create: (outlet) => createUdpStream(outlet, partOf(index)),
        opened: opened,
        failed: finish,
      });
    }
  }

  function openTcp(index: number): void {
    const stream: Connection = stack.connect({ host: to.address, port: to.port });
    prepareStream(stream, settings);
    opening = () => stream.abort();
    stream.onError = finish;
    stream.onConnect = () => {
      stream.write(cookieBytes(cookie));
      opened(createTcpStream(stream, partOf(index)));
    };
  }

  function opened(stream: Stream): void {
    streams.push(stream);
    openNext();
    runIfOpen();
  }

  /** A server's last word over UDP may come later than what it says over TCP. */
  function runIfOpen(): void {
    if (mayRun && measurement === null && streams.length === countOf(settings)) run();
  }

  function partOf(index: number): StreamPart {
    const sends = clientSends(settings, index);
    return {
      ...{ stack, settings, index, sends, budget },
      moved: () => {
        measurement!.moved();
        if (amount !== Infinity && measurement!.bytes(sends) >= amount) endTest();
      },
      ended: (error) => {
        if (isEnding || isOver) return;
        finish(error ?? new Iperf3Error("ECONNRESET", "the server has closed a stream"));
      },
    };
  }

  function run(): void {
    const { omitSeconds, seconds } = settings;
    test = {
      ...{ role: "client", settings, cookie, ringBytes: options.ringBytes },
      ...{ streams: streams.map(factsOf), mss: connection.info()?.sndMss ?? 0 },
      ...placesOf(control),
    };
    measurement = createMeasurement({
      ...{ stack, settings, streams, intervalMs: options.intervalMs, cpuTimes: options.cpuTimes },
      onInterval: (interval) => watcher.onInterval(test!, interval),
    });
    watcher.onStart(test);
    cancelTimer();
    measurement.begin();
    if (amount === Infinity && seconds > 0) {
      cancelTimer = stack.after(1000 * (omitSeconds + seconds), endTest);
    }
  }

  /** The time has passed, or the bytes have gone. */
  function endTest(): void {
    if (isEnding || isOver) return;
    isEnding = true;
    cancelTimer();
    const endedMs = stack.clock.now();
    measurement!.deafen();
    drain(stack, measurement!, () => {
      if (isOver) return;
      measurement!.end(endedMs);
      expect(Sign.EXCHANGE_RESULTS);
      control.send(Sign.TEST_END);
    });
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
    opening?.();
    for (const stream of streams) stream.close();
    control.close();
    options.done(error);
  }

  return {
    terminate() {
      if (isOver) return;
      if (connection.state === "ESTABLISHED") control.send(Sign.CLIENT_TERMINATE);
      finish(null);
    },
  };
}
