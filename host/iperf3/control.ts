// One end of a control connection: signs of one byte, cookies, and JSON documents behind their length in four bytes.
// Whoever reads says what comes next; what nobody has asked for stays in the stack, so that a peer cannot fill memory.

import type { Connection } from "../core/connection.js";
import { COOKIE_BYTES } from "./cookie.js";
import { foreign } from "./errors.js";

/** A longer document is refused; real ones have hundreds of bytes, with a server's output some thousands. */
export const MOST_DOCUMENT_BYTES = 1024 * 1024;

export interface Control {
  readonly connection: Connection;
  /** The next byte is a sign. */
  readSign(then: (sign: number) => void): void;
  readCookie(then: (bytes: Uint8Array) => void): void;
  readDocument(then: (document: unknown) => void): void;
  /** Two numbers of four bytes, which follow SERVER_ERROR. */
  readErrors(then: (error: number, errno: number) => void): void;
  send(sign: number): void;
  sendBytes(bytes: Uint8Array): void;
  sendDocument(document: unknown): void;
  /** What was sent still leaves. Nothing is told afterwards. */
  close(): void;
  abort(): void;
  /** The connection is there. */
  onOpen: () => void;
  /** It ended, was refused, or broke the form of a document. Called once, and nothing after it. */
  onFailed: (error: Error | null) => void;
}

interface Wanted {
  readonly bytes: Uint8Array;
  got: number;
  readonly then: (bytes: Uint8Array) => void;
}

export function createControl(connection: Connection): Control {
  let wanted: Wanted | null = null;
  const unsent: Uint8Array[] = [];
  let isPumping = false;
  let isOver = false;

  function read(length: number, then: (bytes: Uint8Array) => void): void {
    wanted = { bytes: new Uint8Array(length), got: 0, then };
    pump();
  }

  /** Once at a time: what `then` asks for is read by the loop that called it. */
  function pump(): void {
    if (isPumping) return;
    isPumping = true;
    try {
      for (let next = taken(); next !== null; next = taken()) next.then(next.bytes);
    } catch (error) {
      fail(error as Error);
    } finally {
      isPumping = false;
    }
  }

  /** What was asked for, when all of it is there. */
  function taken(): Wanted | null {
    if (wanted === null || isOver || !take(wanted)) return null;
    const all = wanted;
    wanted = null;
    return all;
  }

  function take(want: Wanted): boolean {
    while (want.got < want.bytes.length) {
      const count = connection.read(want.bytes.subarray(want.got));
      if (count === 0) fail(null);
      if (count <= 0) return false;
      want.got += count;
    }
    return true;
  }

  function fail(error: Error | null): void {
    if (isOver) return;
    isOver = true;
    control.onFailed(error);
  }

  function flush(): void {
    if (isOver || connection.state === "SYN-SENT") return;
    while (unsent.length > 0) {
      const [first] = unsent as [Uint8Array];
      const taken = connection.write(first);
      if (taken < first.length) {
        unsent[0] = first.subarray(taken);
        return;
      }
      unsent.shift();
    }
  }

  const control: Control = {
    connection,
    readSign: (then) => read(1, (bytes) => then((bytes[0]! << 24) >> 24)),
    readCookie: (then) => read(COOKIE_BYTES, then),
    readErrors: (then) =>
      read(8, (bytes) => {
        const view = viewOf(bytes);
        then(view.getInt32(0), view.getInt32(4));
      }),
    readDocument: (then) =>
      read(4, (head) => {
        const length = viewOf(head).getUint32(0);
        if (length === 0 || length > MOST_DOCUMENT_BYTES) {
          throw foreign(`a document of ${length} bytes is announced; no iperf3 sends that`);
        }
        read(length, (bytes) => then(parse(bytes)));
      }),
    send: (sign) => control.sendBytes(Uint8Array.of(sign & 0xff)),
    sendBytes(bytes) {
      if (isOver) return;
      unsent.push(bytes);
      try {
        flush();
      } catch (error) {
        fail(error as Error);
      }
    },
    sendDocument(document) {
      const text = new TextEncoder().encode(JSON.stringify(document));
      const bytes = new Uint8Array(4 + text.length);
      viewOf(bytes).setUint32(0, text.length);
      bytes.set(text, 4);
      control.sendBytes(bytes);
    },
    close() {
      isOver = true;
      connection.close();
    },
    abort() {
      isOver = true;
      connection.abort();
    },
    onOpen: () => undefined,
    onFailed: () => undefined,
  };
  connection.onReadable = pump;
  connection.onWritable = () => control.sendBytes(new Uint8Array(0));
  connection.onConnect = () => {
    control.onOpen();
    control.sendBytes(new Uint8Array(0));
  };
  connection.onError = fail;
  connection.onAbandoned = () => fail(null);
  return control;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw foreign("what should be a JSON document is none");
  }
}
