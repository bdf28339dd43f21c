// http: the status page and the metrics over HTTP/1.1, with keep-alive and pipelining. One response is built at a
// time and no request is read while one is unsent, so a connection costs at most one request buffer
// and one response. Slow clients are bounded: for a request head, between requests, for taking bytes.

import type { Connection } from "../../../core/connection.js";
import { closeFirst } from "../linger.js";
import type { ServeConnection, ServiceTimers } from "../service.js";
import type { Metrics } from "./metrics.js";
import { preferredForm, type Form } from "./negotiate.js";
import { renderPage, renderProblemPage, pageSecurityPolicy } from "./page.js";
import { createRequestReader, isProblem, type Request } from "./request.js";
import type { Status } from "./status.js";
import { renderText } from "./text.js";

/** Time for a whole request head, from its first byte. */
export const HEAD_MS = 10_000;
/** Time that an idle connection is kept between requests. */
export const IDLE_MS = 30_000;
/** Time without the peer taking a byte of the answer. */
export const STALL_MS = 30_000;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  431: "Request Header Fields Too Large",
  505: "HTTP Version Not Supported",
};

const TYPES: Readonly<Record<Form, string>> = {
  html: "text/html; charset=utf-8",
  text: "text/plain; charset=utf-8",
  json: "application/json",
};

/** What there is to tell. */
export interface HttpSources {
  readonly status: () => Status;
  readonly metrics: Metrics;
}

export function createHttp(timers: ServiceTimers, sources: HttpSources): ServeConnection {
  return (connection) => serveHttp(connection, timers, sources);
}

function serveHttp(connection: Connection, timers: ServiceTimers, sources: HttpSources): void {
  const reader = createRequestReader();
  const read = (into: Uint8Array): number => connection.read(into);
  let output: Uint8Array = new Uint8Array(0);
  let closing = false;
  let waitingFor: "head" | "request" | "room" | "nothing" = "nothing";
  let cancel = (): void => undefined;

  /** Starts the timer of what is waited for; a head that trickles in does not renew its own. */
  function wait(what: "head" | "request" | "room", delayMs: number, late: () => void): void {
    if (waitingFor === what && what === "head") return;
    cancel();
    waitingFor = what;
    cancel = timers.after(delayMs, late);
  }

  function finish(): void {
    cancel();
    closeFirst(connection, timers);
  }

  function lateHead(): void {
    closing = true;
    output = refuse({ status: 408, reason: "the request did not come in time" });
    pump();
  }

  /** Sends what is left of the output; true when all of it is queued. */
  function send(): boolean {
    output = output.subarray(connection.write(output));
    return output.length === 0;
  }

  function pump(): void {
    for (;;) {
      if (!send()) return wait("room", STALL_MS, () => connection.abort());
      if (closing) return finish();
      const next = reader.next();
      if (next !== null) {
        cancel();
        waitingFor = "nothing";
        closing = isProblem(next) || !next.keepAlive;
        output = isProblem(next) ? refuse(next) : answer(next, sources);
        continue;
      }
      const before = reader.size;
      const result = reader.fill(read);
      if (result === "ended" && reader.size === before) return finish();
      if (reader.size > before) continue;
      if (reader.size > 0) return wait("head", HEAD_MS, lateHead);
      return wait("request", IDLE_MS, finish);
    }
  }

  connection.onReadable = pump;
  connection.onWritable = pump;
  connection.onClosed = () => cancel();
  pump();
}

function refuse({ status, reason }: { status: number; reason: string }): Uint8Array {
  return response(status, "text", `${status} ${REASONS[status]}: ${reason}\n`, { close: true });
}

function answer(request: Request, { status, metrics }: HttpSources): Uint8Array {
  const { method, path, headers, keepAlive, oldVersion } = request;
  const form = preferredForm(headers.get("accept"), headers.get("user-agent"));
  const options = { close: !keepAlive, oldVersion, headOnly: method === "HEAD" };
  if (method !== "GET" && method !== "HEAD") {
    return problem(405, `${method} is not possible here, only GET and HEAD`, form, {
      ...options,
      extra: "Allow: GET, HEAD\r\n",
    });
  }
  if (path === "/json") return response(200, "json", renderJson(status()), options);
  if (path === "/metrics") {
    const { contentType, body } = metrics(headers.get("accept"));
    return response(200, "text", body, { ...options, contentType });
  }
  if (path !== "/")
    return problem(404, `there is no ${path} here, only /, /json and /metrics`, form, options);
  if (form === "json") return response(200, "json", renderJson(status()), options);
  const body = form === "html" ? renderPage(status()) : renderText(status());
  return response(200, form, body, options);
}

function renderJson(status: Status): string {
  return `${JSON.stringify(status, null, 2)}\n`;
}

interface ResponseOptions {
  readonly close: boolean;
  readonly oldVersion?: boolean;
  readonly headOnly?: boolean;
  readonly extra?: string;
  /** Default: that of the form. */
  readonly contentType?: string;
}

function problem(status: number, text: string, form: Form, options: ResponseOptions): Uint8Array {
  const title = `${status} ${REASONS[status]}`;
  if (form === "html") return response(status, form, renderProblemPage(title, text), options);
  if (form === "json") {
    return response(status, form, `${JSON.stringify({ status, error: text })}\n`, options);
  }
  return response(status, form, `${title}: ${text}\n`, options);
}

function response(status: number, form: Form, body: string, options: ResponseOptions): Uint8Array {
  const bytes = Buffer.from(body);
  const connectionField = options.close
    ? "Connection: close\r\n"
    : options.oldVersion
      ? "Connection: keep-alive\r\n"
      : "";
  const head =
    `HTTP/1.1 ${status} ${REASONS[status]}\r\n` +
    `Date: ${new Date().toUTCString()}\r\n` +
    "Server: motetcp\r\n" +
    `Content-Type: ${options.contentType ?? TYPES[form]}\r\n` +
    `Content-Length: ${bytes.length}\r\n` +
    "Cache-Control: no-store\r\n" +
    "Vary: Accept, User-Agent\r\n" +
    "X-Content-Type-Options: nosniff\r\n" +
    (form === "html" ? `Content-Security-Policy: ${pageSecurityPolicy}\r\n` : "") +
    (options.extra ?? "") +
    connectionField +
    "\r\n";
  return options.headOnly === true ? Buffer.from(head) : Buffer.concat([Buffer.from(head), bytes]);
}
