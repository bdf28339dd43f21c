// Reads HTTP/1.1 requests (RFC 9112) out of a bounded buffer: bytes go in as they come, whole
// request heads come out. Bodies are not read: a request that has one is answered and the
// connection closed. What cannot be a request becomes a Problem with the status to answer.

/** Bytes of request line and header fields together, at most. */
export const HEAD_BYTES = 8 * 1024;
/** Bytes of the request line, at most. */
export const REQUEST_LINE_BYTES = 4 * 1024;
/** Header fields of one request, at most. */
export const FIELD_COUNT = 64;
const FIRST_BUFFER_BYTES = 1024;
const CR = 0x0d;
const LF = 0x0a;

export interface Request {
  readonly method: string;
  /** Path without query, as sent (percent-encoding untouched). */
  readonly path: string;
  /** Field names in lower case. A field that came several times is joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** The connection may carry another request after this one. */
  readonly keepAlive: boolean;
  /** HTTP/1.0: the answer must say that the connection stays. */
  readonly oldVersion: boolean;
}

/** A request that cannot be served; the connection is closed after the answer. */
export interface Problem {
  readonly status: 400 | 414 | 431 | 505;
  readonly reason: string;
}

export interface RequestReader {
  /** Reads through `read` (as Connection.read) until nothing waits or the buffer is full. */
  fill(read: (into: Uint8Array) => number): "waiting" | "ended" | "full";
  /** The next request or problem, or null where the head is not complete yet. */
  next(): Request | Problem | null;
  /** Bytes that wait in the buffer: part of a request, or requests after the one being served. */
  readonly size: number;
}

export function isProblem(result: Request | Problem): result is Problem {
  return "status" in result;
}

export function createRequestReader(): RequestReader {
  let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  let end = 0;
  let searched = 0;

  function drop(count: number): void {
    buffer.copyWithin(0, count, end);
    end -= count;
    searched = 0;
  }

  return {
    fill(read) {
      while (end < HEAD_BYTES) {
        if (end === buffer.length) {
          const larger = new Uint8Array(Math.min(HEAD_BYTES, buffer.length * 2));
          larger.set(buffer);
          buffer = larger;
        }
        const count = read(buffer.subarray(end));
        if (count < 0) return "waiting";
        if (count === 0) return "ended";
        end += count;
      }
      return "full";
    },

    next() {
      // RFC 9112 section 2.2: empty lines before a request line are skipped.
      let blank = 0;
      while (blank < end && (buffer[blank] === CR || buffer[blank] === LF)) blank++;
      if (blank > 0) drop(blank);
      const headEnd = endOfHead(buffer, searched, end);
      if (headEnd < 0) {
        searched = Math.max(0, end - 3);
        return tooLong(buffer.subarray(0, end));
      }
      const head = Buffer.from(buffer.buffer, buffer.byteOffset, headEnd).toString("latin1");
      drop(headEnd);
      return parseHead(head);
    },

    get size() {
      return end;
    },
  };
}

/** Place after the empty line that ends the head, or -1. A bare LF counts as the end of a line. */
function endOfHead(buffer: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (buffer[at] !== LF) continue;
    if (at + 1 < end && buffer[at + 1] === LF) return at + 2;
    if (at + 2 < end && buffer[at + 1] === CR && buffer[at + 2] === LF) return at + 3;
  }
  return -1;
}

function tooLong(bytes: Uint8Array): Problem | null {
  const line = bytes.indexOf(LF);
  if (line > REQUEST_LINE_BYTES || (line < 0 && bytes.length > REQUEST_LINE_BYTES)) {
    return { status: 414, reason: `the request line has more than ${REQUEST_LINE_BYTES} bytes` };
  }
  if (bytes.length < HEAD_BYTES) return null;
  return { status: 431, reason: `the header has more than ${HEAD_BYTES} bytes` };
}

function parseHead(head: string): Request | Problem {
  const lines = head.split(/\r?\n/);
  const requestLine = lines[0]!;
  if (requestLine.length > REQUEST_LINE_BYTES) {
    return { status: 414, reason: `the request line has more than ${REQUEST_LINE_BYTES} bytes` };
  }
  // NUL and bare CR are never part of a valid head (RFC 9110 section 5.5).
  if (/[\0\r]/.test(lines.join(""))) return bad("a control character in the header");
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/(\d)\.(\d)$/.exec(requestLine);
  if (match === null) return bad("the request line is not METHOD TARGET HTTP/1.1");
  const [, method = "", target = "", major, minor] = match;
  if (major !== "1") return { status: 505, reason: "only HTTP/1.1 and HTTP/1.0 are spoken here" };
  const headers = parseFields(lines.slice(1));
  if (!(headers instanceof Map)) return headers;
  const path = pathOf(target);
  if (path === null) return bad("the request target is neither a path nor an http URL");
  const oldVersion = minor === "0";
  return finishRequest({ method, path, headers, oldVersion });
}

function finishRequest(parts: Omit<Request, "keepAlive">): Request | Problem {
  const { headers, oldVersion } = parts;
  const host = headers.get("host");
  if (host === undefined && !oldVersion) return bad("the Host field is missing");
  if (host !== undefined && !/^[^\s,/@]*$/.test(host)) return bad("the Host field is not one host");
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return bad("Content-Length is no number");
  // RFC 9112 section 6.1: both at once is an attempt to smuggle a request past somebody.
  if (length !== undefined && encoding !== undefined) {
    return bad("Content-Length and Transfer-Encoding exclude each other");
  }
  const hasBody = encoding !== undefined || Number(length ?? 0) > 0;
  const options = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  const asked = oldVersion ? options.includes("keep-alive") : !options.includes("close");
  return { ...parts, keepAlive: asked && !hasBody };
}

function parseFields(lines: readonly string[]): Map<string, string> | Problem {
  const headers = new Map<string, string>();
  let count = 0;
  for (const line of lines) {
    if (line === "") continue;
    if (++count > FIELD_COUNT) {
      return { status: 431, reason: `the header has more than ${FIELD_COUNT} fields` };
    }
    const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return bad("a header line is not NAME: VALUE");
    const name = match[1]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? match[2]! : `${before}, ${match[2]!}`);
  }
  return headers;
}

/** The path of an origin-form or absolute-form target; "*" stays what it is. */
function pathOf(target: string): string | null {
  if (target === "*") return target;
  const path = /^https?:\/\/[^/?#]+(.*)$/i.exec(target)?.[1] ?? target;
  if (path !== "" && !path.startsWith("/") && !path.startsWith("?")) return null;
  return path.split(/[?#]/)[0] || "/";
}

function bad(reason: string): Problem {
  return { status: 400, reason };
}
