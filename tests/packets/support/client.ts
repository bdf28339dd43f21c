// A client of a built-in service, with bytes of its own choice: it collects what comes and acknowledges it at
// once, unless it is told not to. Its initial sequence number is near the wrap.

import { Buffer } from "node:buffer";
import { mssOption, tcpFrame, type TcpView } from "./frame.js";
import type { Rig } from "./rig.js";

const ISS = 0xffffff80;

export interface ClientOptions {
  port: number;
  /** Last byte of its address. */
  peer?: number;
  peerPort?: number;
  mss?: number;
  win?: number;
  most?: number;
}

export interface Client {
  /** False: nothing is acknowledged, as if nobody were there. */
  answers: boolean;
  win: number;
  /** It acknowledges nothing more once it has so many bytes. */
  most: number;
  /** What has come, in order. */
  readonly received: string;
  /** A FIN has come; a RST has come. */
  readonly ended: boolean;
  readonly reset: boolean;
  /** The SYN has been answered. */
  readonly open: boolean;
  /** Longest segment that came, bytes. */
  readonly longest: number;
  /** Numbers that the stack's window lets through now. */
  readonly room: number;
  /** A segment with these bytes, in order. */
  say(text: string, flags?: string): void;
  finish(): void;
  abort(): void;
  /** Nothing new: an acknowledgment with the present window. */
  ack(): void;
  /** Takes what the stack has sent meanwhile. */
  look(): void;
}

/** Opens a connection to a service. */
export function dial(rig: Rig, options: ClientOptions): Client {
  const { port, peer = 10, peerPort = rig.wrapPort, mss = 1460 } = options;
  const pieces: Buffer[] = [];
  let total = 0;
  const state = { seq: ISS, ack: 0, edge: 0, open: false, ended: false, reset: false, longest: 0 };
  const client: Client = {
    answers: true,
    win: options.win ?? 65535,
    most: options.most ?? Infinity,
    get received() {
      return Buffer.concat(pieces).toString("latin1");
    },
    get ended() {
      return state.ended;
    },
    get reset() {
      return state.reset;
    },
    get open() {
      return state.open;
    },
    get longest() {
      return state.longest;
    },
    get room() {
      return (state.edge - state.seq) | 0;
    },
    say: (text, flags = "PA") => send(flags, Buffer.from(text, "latin1")),
    finish: () => send("FA"),
    abort: () => send("RA"),
    ack: () => send("A"),
    look,
  };

  function send(flags: string, data: Uint8Array = new Uint8Array(0), list: number[] = []): void {
    const { seq, ack } = state;
    const ports = { sourcePort: peerPort, destinationPort: port };
    const segment = { ...ports, seq: seq >>> 0, ack, flags, win: client.win, data, options: list };
    state.seq = (seq + data.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
    rig.inject(tcpFrame(peer, segment));
    look();
  }

  function look(): void {
    let news = false;
    for (let at = 0; at < rig.sent.length;) {
      const { view } = rig.sent[at]!;
      if (view.kind !== "tcp" || view.destinationPort !== peerPort) {
        at++;
        continue;
      }
      rig.sent.splice(at, 1);
      if (take(view)) news = true;
    }
    if (news && client.answers) send("A");
  }

  /** True if it must be acknowledged. */
  function take(view: TcpView): boolean {
    if (view.flags.includes("R")) {
      state.reset = true;
      return false;
    }
    state.edge = (view.ack + view.win) >>> 0;
    if (view.flags.includes("S")) {
      state.open = true;
      state.ack = (view.seq + 1) >>> 0;
      return true;
    }
    const ended = view.flags.includes("F");
    if (view.seq === state.ack) {
      const data = view.data.subarray(0, client.win);
      const fin = ended && data.length === view.data.length;
      state.longest = Math.max(state.longest, view.data.length);
      pieces.push(Buffer.from(data));
      total += data.length;
      state.ended ||= fin;
      state.ack = (state.ack + data.length + (fin ? 1 : 0)) >>> 0;
    }
    return (view.data.length > 0 || ended) && total < client.most;
  }

  send("S", new Uint8Array(0), mssOption(mss));
  return client;
}
