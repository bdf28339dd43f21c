// How `mote serve` speaks: as a person's terminal (banner and live table), as lines for a pipe, or
// as JSON lines for a machine. One of the three is chosen at the start.

import { foldText, roomOf } from "../columns.js";
import type { Io } from "../io.js";
import { plural } from "../format.js";
import { isScreen } from "../live.js";
import { renderBanner, isProxied } from "./banner.js";
import {
  renderAddress,
  renderEvents,
  renderName,
  renderUnanswered,
  renderWaiting,
} from "./lines.js";
import type { AddressReport, FromServices, Report } from "./messages.js";
import type { Place } from "./place.js";
import type { ServeOptions } from "./options.js";
import { createLiveTable } from "./table.js";

export type Renamed = Extract<FromServices, { readonly type: "name" }>;

export interface Reporter {
  /** Reports should carry rows of connections. */
  readonly rows: boolean;
  /** Least time between two reports that this way of showing them can use. */
  readonly reportMs: number;
  /** It serves, and an address has yet to come. */
  waiting(place: Place): void;
  /** No server has answered so far. */
  unanswered(): void;
  started(place: Place, reason: string | undefined): void;
  /** The address is another one, or gone. */
  address(report: AddressReport): void;
  /** So is the name. */
  name(renamed: Renamed): void;
  report(report: Report): void;
  /** Something that people may want to know, on stderr. */
  note(text: string): void;
  /** A stop was asked for while connections were open. */
  stopping(open: number): void;
  stopped(cut: number): void;
  /** Gives the terminal back, whatever happened. */
  close(): void;
}

/** A terminal is drawn at most four times a second. */
const TABLE_MS = 250;
const LINES_MS = 50;

export function createReporter(options: ServeOptions, io: Io): Reporter {
  if (options.json) return createJsonReporter(options, io);
  return isScreen(io.stdout, io.env)
    ? createTableReporter(options, io)
    : createLineReporter(options, io);
}

function banner(
  options: ServeOptions,
  io: Io,
  place: Place,
  reason: string | undefined,
  room: number,
): string {
  const { pcap, profile } = options;
  return renderBanner({ place, reason, pcap, profile, proxied: isProxied(io.env) }, io.paint, room);
}

function createLineReporter(options: ServeOptions, io: Io): Reporter {
  const write = (text: string): void => void io.stdout.write(text);
  return {
    rows: false,
    reportMs: LINES_MS,
    waiting: (place) => write(renderWaiting(place)),
    unanswered: () => write(renderUnanswered()),
    started: (place, reason) => write(banner(options, io, place, reason, roomOf(io.stdout))),
    address: (report) => write(renderAddress(report)),
    name: (renamed) => write(renderName(renamed)),
    report: (report) => {
      const text = renderEvents(report);
      if (text !== "") write(text);
    },
    note: (text) => noteTo(io, text),
    stopping: (open) => write(`${closingText(open)}\n`),
    stopped: (cut) => write(`${stoppedText(cut, options)}\n`),
    close: () => undefined,
  };
}

function createTableReporter(options: ServeOptions, io: Io): Reporter {
  const table = createLiveTable(io);
  const write = (text: string): void => void io.stdout.write(foldText(text, roomOf(io.stdout)));
  const note = (text: string): void => table.note((room) => foldText(text, room));
  let open = true;
  function close(): void {
    if (!open) return;
    open = false;
    table.done();
  }
  return {
    rows: true,
    reportMs: TABLE_MS,
    waiting: (place) => note(renderWaiting(place)),
    unanswered: () => note(renderUnanswered()),
    started: (place, reason) => table.note((room) => banner(options, io, place, reason, room)),
    address: (report) => note(renderAddress(report)),
    name: (renamed) => note(renderName(renamed)),
    // Behind the table's back on the same terminal, the next picture would be drawn over it.
    note: (text) => (isScreen(io.stderr, io.env) ? note(`${text}\n`) : noteTo(io, text)),
    report: (report) => {
      if (open) table.show(report);
    },
    stopping(count) {
      close();
      write(`${closingText(count)}\n`);
    },
    stopped(cut) {
      close();
      write(`${stoppedText(cut, options)}\n`);
    },
    close,
  };
}

function createJsonReporter(options: ServeOptions, io: Io): Reporter {
  const write = (value: object): void => void io.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    rows: false,
    reportMs: LINES_MS,
    waiting: ({ link }) => write({ event: "waiting", for: "dhcp", link }),
    unanswered: () => write({ event: "unanswered", time: Date.now() }),
    address: ({ type, ...report }) => write({ event: type, ...report }),
    name: ({ type, ...renamed }) => write({ event: type, ...renamed }),
    started(place, reason) {
      const { kind, link, address, stackAddress, services, hostName, controlName = null } = place;
      const { profile, pcap = null } = options;
      const http = services.find(({ name }) => name === "http");
      write({
        event: "serving",
        version: io.version,
        ...(http === undefined ? {} : { url: `http://${address}:${http.hostPort}/` }),
        link: kind === "user" ? "user" : link,
        ...(reason === undefined ? {} : { reason }),
        address,
        stackAddress,
        ...(hostName === undefined ? {} : { hostName: `${hostName}.local` }),
        profile,
        capture: pcap,
        control: controlName,
        services: services.map(({ name, port, hostPort }) => ({
          name,
          address,
          port: hostPort,
          stackPort: port,
        })),
      });
    },
    report({ events, skipped }) {
      for (const event of events) write(event);
      if (skipped > 0) write({ event: "skipped", count: skipped });
    },
    note: (text) => noteTo(io, text),
    stopping: (open) => write({ event: "stopping", open }),
    stopped: (cut) => write({ event: "stopped", cut }),
    close: () => undefined,
  };
}

const noteTo = ({ stderr }: Io, text: string): void => void stderr.write(`${text}\n`);

function closingText(open: number): string {
  return `Closing ${plural(open, "connection")}; Ctrl-C again stops at once.`;
}

function stoppedText(cut: number, { pcap }: ServeOptions): string {
  const capture = pcap === undefined ? "" : ` The capture is in ${pcap}.`;
  const verb = cut === 1 ? "was" : "were";
  const reset = ` ${plural(cut, "connection")} did not end in time and ${verb} reset.`;
  return `Stopped.${cut === 0 ? "" : reset}${capture}`;
}
