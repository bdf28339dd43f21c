// The server: waits for connections, and knows by its cookie what each of them is: the control connection of a new test,
// a stream of the one that runs, or somebody who comes while another is served and is told so.

import type { Connection } from "../core/connection.js";
import type { Listener } from "../core/connection.js";
import type { Stack } from "../core/stack.js";
import { createControl, type Control } from "./control.js";
import { readCookie } from "./cookie.js";
import type { CpuTimes } from "./measure.js";
import { prepareControl } from "./prepare.js";
import { startServerTest, type ServerTest, type ServerWatcher } from "./serverTest.js";
import { Sign } from "./states.js";
import type { Place } from "./stream.js";
import { placesOf } from "./watcher.js";

export interface ServerOptions {
  readonly stack: Stack;
  readonly port: number;
  /** One of the stack's; undefined: all. */
  readonly address: string | undefined;
  readonly intervalMs: number;
  /** One test, and then it is over. */
  readonly once: boolean;
  /** Of each connection's rings, bytes: what is told of tests. */
  readonly ringBytes: number;
  readonly cpuTimes: () => CpuTimes;
  readonly watcher: ServerWatcher;
  /** Ready for a test, the number of which is given. */
  onReady(number: number): void;
  /** A test begins. */
  onAccepted(remote: Place): void;
  /** A test is over, with what ended it too early. */
  onOver(remote: Place, error: Error | null): void;
  /** Somebody was sent away: "busy", or because of what does not begin as iperf3 does. */
  onRefused(remote: Place, why: "busy" | "foreign"): void;
  /** With `once`: all is over. */
  done(): void;
}

export interface Server {
  /** Listens no more; a test that runs is ended, and its client told. */
  close(): void;
}

/** In which a connection says its cookie, and how many may be about to. */
const COOKIE_MS = 10_000;
const MOST_GUESTS = 64;

/** Throws as Stack.listen() does. */
export function startServer(options: ServerOptions): Server {
  const { stack, port, address } = options;
  const guests = new Set<Control>();
  let test: ServerTest | null = null;
  let number = 1;
  let isClosed = false;

  function greet(connection: Connection): void {
    if (guests.size >= MOST_GUESTS) {
      connection.abort();
      return;
    }
    const control = createControl(connection);
    const forget = (): void => {
      cancel();
      guests.delete(control);
    };
    const send = (): void => {
      forget();
      options.onRefused(placesOf(control).remote, "foreign");
      control.abort();
    };
    const cancel = stack.after(COOKIE_MS, send);
    guests.add(control);
    // Who leaves without a word has only looked whether the port is open.
    control.onFailed = () => {
      forget();
      control.close();
    };
    control.readCookie((bytes) => {
      const cookie = readCookie(bytes);
      if (cookie === null) return send();
      forget();
      welcome(control, cookie);
    });
  }

  function welcome(control: Control, cookie: string): void {
    if (test !== null && cookie === test.cookie && test.take(control.connection)) return;
    if (test !== null || isClosed) {
      options.onRefused(placesOf(control).remote, "busy");
      control.onFailed = () => undefined;
      control.send(Sign.ACCESS_DENIED);
      control.close();
      return;
    }
    begin(control, cookie);
  }

  function begin(control: Control, cookie: string): void {
    const { remote } = placesOf(control);
    const { intervalMs, ringBytes, cpuTimes, watcher } = options;
    prepareControl(control.connection);
    options.onAccepted(remote);
    let isOver = false;
    const started = startServerTest({
      ...{ stack, control, cookie, port, intervalMs, ringBytes, cpuTimes, watcher },
      done(error, began) {
        isOver = true;
        test = null;
        options.onOver(remote, error);
        if (isClosed) return;
        if (options.once && began) {
          close();
          options.done();
        } else options.onReady(++number);
      },
    });
    if (!isOver) test = started;
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    listener.close();
    for (const guest of guests) guest.abort();
    guests.clear();
    test?.terminate();
  }

  const place = address === undefined ? { port } : { port, address };
  const listener: Listener = stack.listen(place, greet);
  options.onReady(number);
  return { close };
}
