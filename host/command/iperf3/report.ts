// What is printed of tests: lines as they come, or one JSON document for each.

import type { Interval } from "../../iperf3/measure.js";
import type { ServerWatcher } from "../../iperf3/serverTest.js";
import type { Place } from "../../iperf3/stream.js";
import type { Outcome, Test } from "../../iperf3/watcher.js";
import type { Io } from "../io.js";
import { createDocument, type Document, type Json } from "./json.js";
import type { RateFormat } from "./units.js";
import { BAR, createTable } from "./table.js";

export interface Report extends ServerWatcher {
  /** A server waits for its test number so-and-so. */
  ready(number: number): void;
  /** A test begins, with this line; `peer`: the same for the document. */
  begin(line: string, peer: Json): void;
  /** All of a test has been said; `error`: what ended it before its time. */
  finish(error: Error | null): void;
}

export interface ReportOptions {
  readonly port: number;
  readonly json: boolean;
  /** 0: no intervals. */
  readonly intervalMs: number;
  readonly format: RateFormat | undefined;
  /** The time of day, ms since 1970. */
  readonly nowMs: () => number;
}

export function createReport(io: Io, options: ReportOptions): Report {
  return options.json ? jsonReport(io, options) : textReport(io, options);
}

function textReport(io: Io, { port, format, intervalMs }: ReportOptions): Report {
  const table = createTable(format, intervalMs > 0);
  /** Of this test, for a client that asks for it. */
  let said: string[] = [];

  function say(...lines: string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    said.push(text);
    io.stdout.write(text);
  }

  return {
    ready: (number) => {
      const lines = [BAR, `Server listening on ${port} (test #${number})`, BAR];
      io.stdout.write(lines.map((line) => `${line}\n`).join(""));
    },
    begin(line) {
      said = [];
      say(line);
    },
    onStart: (test: Test) => {
      if (test.role === "client" && test.settings.direction === "reverse") {
        say(`Reverse mode, remote host ${test.remote.address} is sending`);
      }
      say(...table.start(test));
    },
    onInterval: (test: Test, interval: Interval) => say(...table.interval(test, interval)),
    onEnd(test: Test, outcome: Outcome) {
      say(...table.end(test, outcome));
      const output = outcome.theirs?.serverOutput;
      if (output === undefined || test.role === "server") return;
      const text = typeof output === "string" ? output : `${JSON.stringify(output, null, 2)}\n`;
      io.stdout.write(`\nServer output:\n${text}`);
    },
    output: () => said.join(""),
    finish: () => undefined,
  };
}

function jsonReport(io: Io, { nowMs }: ReportOptions): Report {
  let document: Document | null = null;
  return {
    ready: () => undefined,
    begin(_line, peer) {
      document = createDocument({ version: io.version, timeMs: nowMs(), peer });
    },
    onStart: (test) => document?.start(test),
    onInterval: (test, interval) => document?.interval(test, interval),
    onEnd: (test, outcome) => document?.end(test, outcome),
    output: () => document?.content,
    finish(error) {
      if (error !== null) document?.fail(error.message);
      io.stdout.write(`${JSON.stringify(document?.content, null, 2)}\n`);
      document = null;
    },
  };
}

export const textOf = ({ address, port }: Place): string => `${address}, port ${port}`;
