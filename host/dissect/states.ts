// The states of both ends of a connection (RFC 9293 section 3.3.2), inferred from the segments that were seen, as
// if each had arrived in its turn, until a segment of the receiver shows that it had not. Of a connection whose
// beginning was not seen, both ends count as ESTABLISHED.

import type { Segment } from "./conversations.js";
import { isBefore, plus } from "./sequence.js";
import { ACK, FIN, RST, SYN, sequenceBytes, type Tcp } from "./tcp.js";

export type TcpState =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT";

export interface States {
  readonly client: TcpState;
  readonly server: TcpState;
}

export interface StateWatch {
  /** The first segment that was seen, before it is taken: what the states were. */
  expect(tcp: Tcp): void;
  /** Before the next segment. */
  readonly states: States;
  /** After it. */
  take(segment: Segment, tcp: Tcp): States;
}

interface End {
  state: TcpState;
  /** Behind its SYN and its FIN, absolute; null: not sent yet. */
  synEnd: number | null;
  finEnd: number | null;
  /** The peer's FIN was on its way when this end sent its own. */
  lacksFin: boolean;
}

export function createStateWatch(): StateWatch {
  const client: End = { state: "CLOSED", synEnd: null, finEnd: null, lacksFin: false };
  const server: End = { state: "LISTEN", synEnd: null, finEnd: null, lacksFin: false };

  const states = (): States => ({ client: client.state, server: server.state });

  return {
    get states() {
      return states();
    },
    expect({ flags, acknowledgment }) {
      if ((flags & (SYN | ACK)) === (SYN | ACK)) {
        client.state = "SYN-SENT";
        client.synEnd = acknowledgment;
      } else if ((flags & (SYN | RST)) === 0) client.state = server.state = "ESTABLISHED";
    },
    take({ isFromClient }, tcp) {
      const [sender, receiver] = isFromClient ? [client, server] : [server, client];
      send(sender, receiver, tcp);
      receive(receiver, tcp);
      return states();
    },
  };
}

function send(end: End, peer: End, tcp: Tcp): void {
  const { flags, acknowledgment } = tcp;
  if (flags & RST) {
    end.state = "CLOSED";
    return;
  }
  if (flags & SYN) sendSyn(end, tcp);
  const hasFin = flags & ACK && covers(acknowledgment, peer.finEnd);
  if (hasFin && end.lacksFin) {
    end.lacksFin = false;
    receiveFin(end);
  }
  if ((flags & FIN) === 0) return;
  end.finEnd = plus(tcp.sequence, sequenceBytes(tcp));
  if (end.state === "ESTABLISHED" || end.state === "SYN-RECEIVED") end.state = "FIN-WAIT-1";
  else if (end.state === "CLOSE-WAIT") {
    end.lacksFin = !hasFin;
    end.state = hasFin ? "LAST-ACK" : "FIN-WAIT-1";
  }
}

function sendSyn(end: End, { flags, sequence }: Tcp): void {
  const isOpening = end.synEnd === null;
  end.synEnd = plus(sequence, 1);
  if (flags & ACK) {
    if (end.state !== "ESTABLISHED") end.state = "SYN-RECEIVED";
  } else if (isOpening) end.state = "SYN-SENT";
}

function receive(end: End, { flags, acknowledgment }: Tcp): void {
  if (flags & RST) {
    end.state = "CLOSED";
    return;
  }
  if (flags & SYN) receiveSyn(end, (flags & ACK) !== 0);
  if (flags & ACK) {
    if (end.state === "SYN-RECEIVED" && covers(acknowledgment, end.synEnd)) {
      end.state = "ESTABLISHED";
    }
    if (covers(acknowledgment, end.finEnd)) receiveFinAck(end);
  }
  if (flags & FIN) receiveFin(end);
}

/** The ACK has it. */
const covers = (acknowledgment: number, number: number | null): boolean =>
  number !== null && !isBefore(acknowledgment, number);

function receiveSyn(end: End, hasAck: boolean): void {
  switch (end.state) {
    case "SYN-SENT":
      end.state = hasAck ? "ESTABLISHED" : "SYN-RECEIVED";
      return;
    case "CLOSED":
    case "LISTEN":
      if (!hasAck) end.state = "SYN-RECEIVED";
      return;
    case "SYN-RECEIVED":
    case "ESTABLISHED":
    case "FIN-WAIT-1":
    case "FIN-WAIT-2":
    case "CLOSE-WAIT":
    case "CLOSING":
    case "LAST-ACK":
    case "TIME-WAIT":
  }
}

function receiveFinAck(end: End): void {
  switch (end.state) {
    case "FIN-WAIT-1":
      end.state = "FIN-WAIT-2";
      return;
    case "CLOSING":
      end.state = "TIME-WAIT";
      return;
    case "LAST-ACK":
      end.state = "CLOSED";
      return;
    case "CLOSED":
    case "LISTEN":
    case "SYN-SENT":
    case "SYN-RECEIVED":
    case "ESTABLISHED":
    case "FIN-WAIT-2":
    case "CLOSE-WAIT":
    case "TIME-WAIT":
  }
}

function receiveFin(end: End): void {
  switch (end.state) {
    case "SYN-RECEIVED":
    case "ESTABLISHED":
      end.state = "CLOSE-WAIT";
      return;
    case "FIN-WAIT-1":
      end.state = "CLOSING";
      return;
    case "FIN-WAIT-2":
      end.state = "TIME-WAIT";
      return;
    case "CLOSED":
    case "LISTEN":
    case "SYN-SENT":
    case "CLOSE-WAIT":
    case "CLOSING":
    case "LAST-ACK":
    case "TIME-WAIT":
  }
}
