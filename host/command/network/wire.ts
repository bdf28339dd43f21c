// Links to another program (QEMU, a WebSocket) and out of a recording, for every verb that takes them: opened, with
// what the verb has to know of each.

import { readCaptureFile } from "../../link/pcapFile.js";
import type { Link } from "../../link/link.js";
import { openQemuLink } from "../../link/qemu.js";
import { createPcapLink, type PcapLink } from "../../link/replay.js";
import { openWebSocketLink } from "../../link/webSocket.js";
import { codeOf, CommandError, messageOf } from "../exit.js";
import { stationIn } from "./recorded.js";
import type { LinkChoice, WireChoice } from "./words.js";

export interface Wire {
  readonly link: Link;
  /** "qemu:/tmp/mote.sock". */
  readonly name: string;
  /** The MAC that a stack must have, because a recording's frames go there. */
  readonly mac: string | undefined;
}

export interface WireEvents {
  /** The other end has gone. */
  gone(error: CommandError): void;
  /** The last frame of a recording has been played. */
  played(link: PcapLink): void;
}

/** The stack's address where nobody chose one; the other end has 198.18.0.1. */
export const WIRE_ADDRESS = "198.18.0.2/30";

export function isWire(choice: LinkChoice): choice is WireChoice {
  return choice.kind === "qemu" || choice.kind === "ws" || choice.kind === "pcap";
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
  switch (choice.kind) {
    case "qemu":
      return { name, link: await openQemu(choice.where, onEnd), mac: undefined };
    case "ws":
      return { name, link: await openWebSocket(choice.url, onEnd), mac: undefined };
    case "pcap":
      return openRecording(choice.file, address, events);
  }
}

function nameOf(choice: WireChoice): string {
  if (choice.kind === "ws") return choice.url;
  return choice.kind === "qemu" ? `qemu:${choice.where}` : `pcap:${choice.file}`;
}

async function openQemu(where: string, onEnd: (error: Error | null) => void): Promise<Link> {
  try {
    return await openQemuLink(where, { onEnd });
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== "ENOENT" && code !== "ECONNREFUSED") throw cause;
    const [, host, port] = /^([^/:]+):(\d+)$/.exec(where) ?? [];
    const place =
      host === undefined
        ? `addr.type=unix,addr.path=${where}`
        : `addr.type=inet,addr.host=${host},addr.port=${port}`;
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
    return { name: `pcap:${file}`, link, mac };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const text = `the recording ${file} cannot be played: ${messageOf(cause)}`;
    throw new CommandError(codeOf(cause) || "EIO", text, undefined, { cause });
  }
}
