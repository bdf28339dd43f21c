// Links to another program (QEMU, a WebSocket, another mote) and out of a recording, for every verb that takes them: opened, with
// what the verb has to know of each.

import { readCaptureFile } from "../../link/pcapFile.js";
import type { Link } from "../../link/link.js";
import { openQemuLink, placeOf } from "../../link/qemu.js";
import { createPcapLink, type PcapLink } from "../../link/replay.js";
import { openWebSocketLink } from "../../link/webSocket.js";
import { codeOf, CommandError, messageOf } from "../exit.js";
import { openCable } from "./cable.js";
import { stationIn } from "./recorded.js";
import type { LinkChoice, WireChoice } from "./words.js";

export interface Wire {
  readonly link: Link;
  /** "qemu:/tmp/mote.sock". */
  readonly name: string;
  /** The MAC that a stack must have, because a recording's frames go there. */
  readonly mac: string | undefined;
  /** The stack's address where nobody chose one. */
  readonly address: string;
}

export interface WireEvents {
  /** The other end has gone. */
  gone(error: CommandError): void;
  /** It waits for whoever is to be at the other end. */
  waits?(line: string): void;
  /** Nobody wants it any more, though it waits. */
  readonly stop?: Promise<void>;
  /** The last frame of a recording has been played. */
  played(link: PcapLink): void;
}

/** The stack's address where nobody chose one; the other end has the other. */
export const WIRE_ADDRESS = "198.18.0.2/30";
const OTHER_ADDRESS = "198.18.0.1/30";

export function isWire(choice: LinkChoice): choice is WireChoice {
  return ["qemu", "ws", "cable", "pcap"].includes(choice.kind);
}

/** `address`: the stack's, with its prefix, where it is known. */
export async function openWire(
  choice: WireChoice,
  address: string | undefined,
  events: WireEvents,
): Promise<Wire> {
  const name = nameOf(choice);
  const onEnd = (error: Error | null): void => {
    const code = codeOf(error) || "ECONNRESET";
    const isClosed = error === null || code === "ECONNRESET" || code === "EPIPE";
    const why = isClosed ? "the other end has closed" : messageOf(error);
    events.gone(new CommandError(code, `${name}: ${why}`));
  };
  const plain = { name, mac: undefined, address: address ?? WIRE_ADDRESS };
  switch (choice.kind) {
    case "qemu":
      return { ...plain, link: await openQemu(choice.where, onEnd) };
    case "ws":
      return { ...plain, link: await openWebSocket(choice.url, onEnd) };
    case "cable": {
      const { link, isFirst } = await openCable(choice.path, { ...events, onEnd });
      return { ...plain, link, address: address ?? (isFirst ? OTHER_ADDRESS : WIRE_ADDRESS) };
    }
    case "pcap":
      return openRecording(choice.file, address, events);
  }
}

function nameOf(choice: WireChoice): string {
  switch (choice.kind) {
    case "qemu":
      return `qemu:${choice.where}`;
    case "ws":
      return choice.url;
    case "cable":
      return `cable:${choice.path}`;
    case "pcap":
      return `pcap:${choice.file}`;
  }
}

async function openQemu(where: string, onEnd: (error: Error | null) => void): Promise<Link> {
  try {
    return await openQemuLink(where, { onEnd });
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== "ENOENT" && code !== "ECONNREFUSED") throw cause;
    const to = placeOf(where);
    const place =
      "path" in to
        ? `addr.type=unix,addr.path=${to.path}`
        : `addr.type=inet,addr.host=${to.host},addr.port=${to.port}`;
    const text = `no QEMU listens at ${where}`;
    const hint = `qemu-system-... -netdev stream,id=n0,server=on,${place} (first)`;
    throw new CommandError(code, text, hint, { cause });
  }
}

async function openWebSocket(url: string, onEnd: (error: Error | null) => void): Promise<Link> {
  try {
    return await openWebSocketLink(url, { onEnd });
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== "ENOTSUP")
      throw new CommandError(code || "EIO", messageOf(cause), undefined, { cause });
    const text = `--link ${url} needs a WebSocket, which Node has from version 22 on; this is ${process.version}`;
    throw new CommandError(code, text, undefined, { cause });
  }
}

async function openRecording(
  file: string,
  address: string | undefined,
  events: WireEvents,
): Promise<Wire> {
  try {
    const bytes = await readCaptureFile(file);
    const mac = address === undefined ? undefined : stationIn(bytes, address.split("/")[0]!);
    const own = mac === undefined ? {} : { ownMac: mac };
    const link: PcapLink = createPcapLink(bytes, { ...own, onEnd: () => events.played(link) });
    return { name: `pcap:${file}`, link, mac, address: address ?? WIRE_ADDRESS };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const text = `the recording ${file} cannot be played: ${messageOf(cause)}`;
    throw new CommandError(codeOf(cause) || "EIO", text, undefined, { cause });
  }
}
