// A name server over a socket of a stack (RFC 1035): answers questions for IPv4 addresses from a table.

import type { Stack } from "../../../host/core/stack.js";

/** Addresses of a name; a number: the RCODE it is answered with; "silence": it is not answered. */
export type Zone = Readonly<Record<string, readonly string[] | number | "silence">>;

const NXDOMAIN = 3;
const TYPE_A = 1;

export interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

/** The first question of a message. */
export function readQuestion(message: Uint8Array): Question {
  const labels: string[] = [];
  let at = 12;
  while (message[at]! > 0) {
    const length = message[at]!;
    labels.push(Buffer.from(message.subarray(at + 1, at + 1 + length)).toString("latin1"));
    at += 1 + length;
  }
  return { name: labels.join("."), type: message[at + 2]!, end: at + 5 };
}

export function writeQuestion(name: string, type: number): Buffer {
  const labels = name
    .split(".")
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, "latin1"));
  const head = Buffer.from([0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

/** Serves the zone on port 53; the names that were asked for, in lower case. */
export function serveNames(stack: Stack, zone: Zone): string[] {
  const asked: string[] = [];
  const socket = stack.bind({ port: 53 });
  socket.onReadable = () => {
    for (let next; (next = socket.receive()) !== null;) {
      const { data, address, port } = next;
      const question = readQuestion(data);
      const name = question.name.toLowerCase();
      asked.push(name);
      const found = zone[name] ?? NXDOMAIN;
      if (found !== "silence") socket.send(answer(data, question, found), port, address);
    }
  };
  return asked;
}

function answer(data: Uint8Array, question: Question, found: readonly string[] | number): Buffer {
  const addresses = typeof found === "number" || question.type !== TYPE_A ? [] : found;
  const head = Buffer.from(data.subarray(0, question.end));
  head.writeUInt16BE(0x8180 | (typeof found === "number" ? found : 0), 2);
  head.writeUInt16BE(addresses.length, 6);
  head.fill(0, 8, 12);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]),
  );
  return Buffer.concat([head, ...records]);
}
