// TCP conversations, followed segment by segment: relative sequence numbers, windows in bytes, Wireshark's words.
// Input: packets in the order in which they were seen; output: what each means where it stands. The number of
// conversations is bounded: the one that has been silent for longest is forgotten first.

import { createFlow, see, shiftOf, takeForGot, type Flow } from "./flow.js";
import type { Packet } from "./packet.js";
import { distance, isBefore, plus } from "./sequence.js";
import { ACK, FIN, RST, SYN, sequenceBytes, type Tcp } from "./tcp.js";
import type { SackBlock } from "./tcpOptions.js";
import { judge, Word, type Judgement } from "./words.js";

export interface End {
  readonly address: number;
  readonly port: number;
}

export interface Conversation {
  /** From 1, in the order of their first segments. */
  readonly id: number;
  /** Who has opened it, as far as that was seen; else who spoke first. */
  readonly client: End;
  readonly server: End;
}

/** A segment in its conversation. Numbers are relative: the SYN has 0. */
export interface Segment {
  readonly conversation: Conversation;
  readonly isFromClient: boolean;
  readonly sequence: number;
  /** 0 without ACK. */
  readonly acknowledgment: number;
  /** Bytes that may come; of a SYN never scaled. */
  readonly windowBytes: number;
  /** The window's shift; null: no SYN has told it, and `windowBytes` is as it stands there. */
  readonly shift: number | null;
  readonly words: readonly string[];
  /** Blocks of a SACK option, relative. */
  readonly sacks: readonly SackBlock[];
}

export interface Conversations {
  /** null: no TCP, or not to be read. `number`: of the frame, from 1. */
  follow(number: number, timeUs: number, packet: Packet): Segment | null;
  /** How many are remembered. */
  readonly size: number;
}

export interface ConversationsOptions {
  /** How many are remembered at most. Default 4096. */
  readonly most?: number;
}

interface State {
  readonly conversation: Conversation;
  readonly fromClient: Flow;
  readonly fromServer: Flow;
  synUs: number | null;
  handshakeUs: number | null;
}

export function createConversations({ most = 4096 }: ConversationsOptions = {}): Conversations {
  /** In the order of their last segments. */
  const states = new Map<string, State>();
  let opened = 0;

  function open(packet: Packet, tcp: Tcp): State {
    const { source, destination } = packet.ip!;
    const sender = { address: source, port: tcp.sourcePort };
    const receiver = { address: destination, port: tcp.destinationPort };
    const isAnswer = (tcp.flags & (SYN | ACK)) === (SYN | ACK);
    const [client, server] = isAnswer ? [receiver, sender] : [sender, receiver];
    return {
      conversation: { id: ++opened, client, server },
      fromClient: createFlow(),
      fromServer: createFlow(),
      synUs: null,
      handshakeUs: null,
    };
  }

  return {
    get size() {
      return states.size;
    },
    follow(number, timeUs, packet) {
      const { tcp } = packet;
      if (tcp === null) return null;
      const key = keyOf(packet, tcp);
      const known = states.get(key);
      const isReused = known !== undefined && opensAgain(known, packet, tcp);
      const state = known === undefined || isReused ? open(packet, tcp) : known;
      states.delete(key);
      states.set(key, state);
      if (states.size > most) states.delete(states.keys().next().value!);
      return step(state, { number, timeUs, packet, tcp, isReused });
    },
  };
}

/** The same for both directions. */
function keyOf(packet: Packet, { sourcePort, destinationPort }: Tcp): string {
  const { source, destination } = packet.ip!;
  const [from, to] = [`${source}:${sourcePort}`, `${destination}:${destinationPort}`];
  return from < to ? `${from} ${to}` : `${to} ${from}`;
}

function isClient({ conversation: { client } }: State, packet: Packet, tcp: Tcp): boolean {
  return client.address === packet.ip!.source && client.port === tcp.sourcePort;
}

/** A SYN that belongs to another connection than the one that was there. */
function opensAgain(state: State, packet: Packet, tcp: Tcp): boolean {
  if ((tcp.flags & (SYN | ACK)) !== SYN) return false;
  const { fromClient, fromServer } = state;
  const { base } = isClient(state, packet, tcp) ? fromClient : fromServer;
  return base !== null && (base !== tcp.sequence || fromClient.isOver || fromServer.isOver);
}

interface Step {
  readonly number: number;
  readonly timeUs: number;
  readonly packet: Packet;
  readonly tcp: Tcp;
  readonly isReused: boolean;
}

function step(state: State, { number, timeUs, packet, tcp, isReused }: Step): Segment {
  const isFromClient = isClient(state, packet, tcp);
  const [flow, peer] = isFromClient
    ? [state.fromClient, state.fromServer]
    : [state.fromServer, state.fromClient];
  const isSyn = (tcp.flags & SYN) !== 0;
  learnBases(flow, peer, tcp);
  if (isSyn) flow.shift = shiftIn(tcp);
  timeHandshake(state, tcp, isFromClient, timeUs);
  const { handshakeUs } = state;
  const judgement = judge({ tcp, timeUs, flow, peer, handshakeUs });
  const shift = shiftOf(flow, peer);
  const windowBytes = isSyn ? tcp.window : tcp.window * 2 ** (shift ?? 0);
  remember({ flow, peer, tcp, number, timeUs, windowBytes, judgement });
  const { words } = judgement;
  return {
    conversation: state.conversation,
    isFromClient,
    sequence: relative(tcp.sequence, flow),
    acknowledgment: tcp.flags & ACK ? relative(tcp.acknowledgment, peer) : 0,
    windowBytes,
    shift,
    words: isReused ? [Word.PORTS_REUSED, ...words] : words,
    sacks: sacksIn(tcp).map(([left, right]) => [relative(left, peer), relative(right, peer)]),
  };
}

/** Without its SYN a direction begins at 1. */
function learnBases(flow: Flow, peer: Flow, { sequence, acknowledgment, flags }: Tcp): void {
  flow.base ??= flags & SYN ? sequence : plus(sequence, -1);
  if (flags & ACK) peer.base ??= plus(acknowledgment, -1);
}

const relative = (number: number, { base }: Flow): number => distance(base!, number) >>> 0;

function shiftIn({ options }: Tcp): number | null {
  const option = options.find(({ name }) => name === "wscale");
  return option?.name === "wscale" ? option.value : null;
}

function sacksIn({ options }: Tcp): readonly SackBlock[] {
  const option = options.find(({ name }) => name === "sack");
  return option?.name === "sack" ? option.blocks : [];
}

/** From the client's last SYN to its first ACK behind it. */
function timeHandshake(state: State, { flags }: Tcp, isFromClient: boolean, timeUs: number): void {
  if (!isFromClient || state.handshakeUs !== null) return;
  if (flags & SYN) state.synUs = timeUs;
  else if (flags & ACK && state.synUs !== null && state.fromServer.shift !== undefined) {
    state.handshakeUs = timeUs - state.synUs;
  }
}

interface Memory {
  readonly flow: Flow;
  readonly peer: Flow;
  readonly tcp: Tcp;
  readonly number: number;
  readonly timeUs: number;
  readonly windowBytes: number;
  readonly judgement: Judgement;
}

function remember({ flow, peer, tcp, number, timeUs, windowBytes, judgement }: Memory): void {
  const { sequence, acknowledgment, flags } = tcp;
  const end = plus(sequence, sequenceBytes(tcp));
  see(flow, sequence, end);
  // The byte of a probe has no room: it will come again.
  const isProbe = judgement.was === "zero-window-probe";
  if (flow.next === null || (!isProbe && isBefore(flow.next, end))) {
    flow.next = end;
    flow.nextUs = timeUs;
  }
  if (flags & ACK) {
    takeForGot(peer, acknowledgment);
    if (judgement.isDuplicate) flow.duplicates++;
    else if (acknowledgment !== flow.acknowledgment) {
      flow.duplicates = 0;
      flow.acknowledgedBy = number;
    }
    flow.acknowledgment = acknowledgment;
    flow.acknowledgmentUs = timeUs;
  }
  flow.window = tcp.window;
  flow.windowBytes = windowBytes;
  flow.lastWas = judgement.was;
  if (flags & (FIN | RST)) flow.isOver = true;
}
