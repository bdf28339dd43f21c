// A forwarder of names on the virtual router's address: questions for IPv4 addresses (RFC 1035) are answered by
// the host's own resolver. Loopback addresses of the host are answered as the router's, which stands for them.

import type { DatagramSocket } from "../../core/socket.js";
import { addressToNumber, isAddress, parseAddress } from "../../core/address.js";
import { isName } from "./allow.js";
import { get16 } from "./packet.js";

/** Finds the IPv4 addresses of a name; rejects with a code of node:dns. */
export type NameLookup = (name: string) => Promise<readonly string[]>;

export interface ForwarderOptions {
  readonly lookup: NameLookup;
  /** In place of loopback addresses. */
  readonly router: string;
  learn(name: string, addresses: readonly number[], forMs: number): void;
  /** A question has come. */
  asked(): void;
}

export const NAME_PORT = 53;
/** What is answered may be kept so long; it may be used for longer. */
const TTL_SECONDS = 60;
const LEARNED_MS = 3_600_000;
/** Lookups at a time. */
const MOST_PENDING = 64;
const MOST_ANSWER_BYTES = 512;
const HEADER_BYTES = 12;
const RECORD_BYTES = 16;

const TYPE_A = 1;
const TYPE_AAAA = 28;
const CLASS_IN = 1;
/** Flags: response, recursion desired and available. */
const RESPONSE = 0x8180;
const FORMAT_ERROR = 1;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;
const NOT_IMPLEMENTED = 4;
const REFUSED = 5;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly inInternet: boolean;
  /** As it came, to be repeated. */
  readonly bytes: Uint8Array;
}

/** Answers on the socket from now on. */
export function forwardNames(socket: DatagramSocket, options: ForwarderOptions): void {
  let pending = 0;

  async function answer(question: Question): Promise<Uint8Array> {
    const { name, type, inInternet } = question;
    if (!inInternet) return response(question, REFUSED, []);
    // There is no way to an IPv6 address.
    if (type === TYPE_AAAA) return response(question, 0, []);
    if (type !== TYPE_A) return response(question, NOT_IMPLEMENTED, []);
    if (!isName(name)) return response(question, NO_SUCH_NAME, []);
    if (pending >= MOST_PENDING) return response(question, SERVER_FAILURE, []);
    pending++;
    try {
      const found = (await options.lookup(name)).filter(isAddress);
      options.learn(name, found.map(addressToNumber), LEARNED_MS);
      const addresses = found.map((each) => (each.startsWith("127.") ? options.router : each));
      return response(question, 0, [...new Set(addresses)]);
    } catch (error) {
      return response(question, failureOf(error), []);
    } finally {
      pending--;
    }
  }

  async function reply(bytes: Uint8Array, port: number, address: string): Promise<void> {
    const question = questionOf(bytes);
    if (question === null) return;
    options.asked();
    const message = await answer(question);
    if (socket.handle === 0) return;
    try {
      socket.send(message, port, address);
    } catch {
      // No room: whoever asked asks again.
    }
  }

  socket.onReadable = () => {
    for (let datagram; socket.handle !== 0 && (datagram = socket.receive()) !== null;) {
      void reply(datagram.data, datagram.port, datagram.address);
    }
  };
}

/** null: no question, or one that cannot even be refused. */
function questionOf(bytes: Uint8Array): Question | null {
  if (bytes.length < HEADER_BYTES || bytes[2]! & 0x80 || get16(bytes, 4) !== 1) return null;
  const isQuery = (bytes[2]! & 0x78) === 0;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length; (length = bytes[at] ?? 255) !== 0; at += 1 + length) {
    if (length > 63 || at + 1 + length >= bytes.length) return null;
    labels.push(Buffer.from(bytes.subarray(at + 1, at + 1 + length)).toString("latin1"));
  }
  const end = at + 5;
  if (end > bytes.length || end - HEADER_BYTES > 259) return null;
  return {
    id: get16(bytes, 0),
    name: labels.join("."),
    type: isQuery ? get16(bytes, at + 1) : 0,
    inInternet: get16(bytes, at + 3) === CLASS_IN,
    bytes: bytes.slice(HEADER_BYTES, end),
  };
}

function response(question: Question, code: number, addresses: readonly string[]): Uint8Array {
  const most = Math.floor(
    (MOST_ANSWER_BYTES - HEADER_BYTES - question.bytes.length) / RECORD_BYTES,
  );
  const answers = addresses.slice(0, most);
  const message = Buffer.alloc(
    HEADER_BYTES + question.bytes.length + answers.length * RECORD_BYTES,
  );
  message.writeUInt16BE(question.id, 0);
  message.writeUInt16BE(RESPONSE | code, 2);
  message.writeUInt16BE(1, 4);
  message.writeUInt16BE(answers.length, 6);
  message.set(question.bytes, HEADER_BYTES);
  let at = HEADER_BYTES + question.bytes.length;
  for (const address of answers) {
    // The name of the question, by a pointer to it.
    at = message.writeUInt16BE(0xc000 | HEADER_BYTES, at);
    at = message.writeUInt16BE(TYPE_A, at);
    at = message.writeUInt16BE(CLASS_IN, at);
    at = message.writeUInt32BE(TTL_SECONDS, at);
    at = message.writeUInt16BE(4, at);
    message.set(parseAddress(address), at);
    at += 4;
  }
  return message;
}

function failureOf(error: unknown): number {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOTFOUND") return NO_SUCH_NAME;
  return code === "ENODATA" ? 0 : code === "EFORMERR" ? FORMAT_ERROR : SERVER_FAILURE;
}
