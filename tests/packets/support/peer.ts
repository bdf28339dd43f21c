// Peers in each state: one factory per state of RFC 9293 section 3.3.2, reached by packets alone.

import assert from "node:assert/strict";
import { Errno, Event, State } from "../../../host/core/generated/abi.js";
import { listenerOn, makePeer, type OpenOptions, type Peer } from "./endpoint.js";
import { arpFrame, OUR_ADDRESS, word16, word32 } from "./frame.js";
import type { Expected } from "./judge.js";
import type { Rig } from "./rig.js";

export { listenerOn, makePeer, type OpenOptions, type Peer, Errno, Event, OUR_ADDRESS, State };
export { SYNCHRONIZED } from "../matrix/model.js";

/** SYN received from a listener's peer, SYN+ACK sent: an entry of the SYN cache. */
export function synReceived(rig: Rig, options: OpenOptions = {}, expected: Expected = {}): Peer {
  const peer = makePeer(rig, options);
  peer.listener = listenerOn(rig, peer.localPort, options.backlog);
  peer.sendSyn();
  peer.expect({ flags: "SA", seq: undefined, immediate: true, ...expected });
  peer.timestamps = options.ts ?? false;
  return peer;
}

/** An established connection of a listener, in its accept queue. */
export function queued(rig: Rig, options: OpenOptions = {}, expected: Expected = {}): Peer {
  const peer = synReceived(rig, options, expected);
  peer.send();
  rig.expectNothing();
  return peer;
}

/** An established connection, opened by the peer and accepted. */
export function passive(rig: Rig, options: OpenOptions = {}, expected: Expected = {}): Peer {
  const peer = queued(rig, options, expected);
  peer.handle = rig.call.accept(peer.listener);
  assert.ok(peer.handle > 0, `accept: ${peer.handle}`);
  peer.events();
  rig.call.takeEvents(peer.listener);
  return peer;
}

/** SYN sent by the stack. */
export function synSent(rig: Rig, options: OpenOptions = {}, expected: Expected = {}): Peer {
  const peer = makePeer(rig, options);
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, peer.localPort);
  assert.ok(peer.handle > 0, `connect: ${peer.handle}`);
  rig.pump();
  peer.expect({ flags: "S", ack: 0, ...expected });
  return peer;
}

/** An established connection, opened by the stack. */
export function active(rig: Rig, options: OpenOptions = {}): Peer {
  const peer = synSent(rig, options);
  peer.sendSyn("SA");
  peer.expect();
  peer.expectState(State.ESTABLISHED);
  peer.events();
  return peer;
}

/** SYN-RECEIVED after both sides have sent a SYN. */
export function crossed(rig: Rig, options: OpenOptions = {}): Peer {
  const peer = synSent(rig, options);
  peer.sendSyn("S");
  if (options.ts) peer.timestamps = true;
  peer.expect({ flags: "SA", seq: 0, immediate: true });
  peer.expectState(State.SYN_RECEIVED);
  return peer;
}

/** An established connection after a simultaneous open. */
export function simultaneous(rig: Rig, options: OpenOptions = {}): Peer {
  const peer = crossed(rig, options);
  peer.sendSyn("SA", { seq: 0 });
  rig.sent.splice(0);
  peer.expectState(State.ESTABLISHED);
  peer.events();
  return peer;
}

/** Closes our side; the handle stays. */
export function shutdown(peer: Peer): void {
  assert.equal(peer.rig.call.shutdown(peer.handle), 0);
  peer.rig.pump();
  peer.expect({ flags: "FA" });
}

type Open = (rig: Rig, options?: OpenOptions) => Peer;

/** One factory per state; the handle is the test's in all that have one. */
export const reach: Record<string, (rig: Rig, options?: OpenOptions) => Peer> = {
  LISTEN(rig, options) {
    const peer = makePeer(rig, options);
    peer.listener = listenerOn(rig, peer.localPort, options?.backlog);
    return peer;
  },
  "SYN-SENT": synSent,
  "SYN-RECEIVED": synReceived,
  ESTABLISHED: passive,
  "FIN-WAIT-1": (rig, options) => half(passive, rig, options),
  "FIN-WAIT-2"(rig, options) {
    const peer = half(passive, rig, options);
    peer.send();
    peer.expectState(State.FIN_WAIT_2);
    return peer;
  },
  "CLOSE-WAIT"(rig, options) {
    const peer = passive(rig, options);
    peer.send({ flags: "FA" });
    peer.expect();
    peer.expectState(State.CLOSE_WAIT);
    return peer;
  },
  CLOSING(rig, options) {
    const peer = half(passive, rig, options);
    peer.send({ flags: "FA", ack: peer.ack - 1 });
    peer.expect();
    peer.expectState(State.CLOSING);
    return peer;
  },
  "LAST-ACK"(rig, options) {
    const peer = passive(rig, options);
    peer.send({ flags: "FA" });
    peer.expect();
    shutdown(peer);
    peer.expectState(State.LAST_ACK);
    return peer;
  },
  "TIME-WAIT"(rig, options) {
    const peer = half(passive, rig, options);
    peer.send();
    peer.send({ flags: "FA" });
    peer.expect();
    peer.expectState(State.TIME_WAIT);
    return peer;
  },
};

function half(open: Open, rig: Rig, options?: OpenOptions): Peer {
  const peer = open(rig, options);
  shutdown(peer);
  peer.expectState(State.FIN_WAIT_1);
  return peer;
}

/** TIME-WAIT as an entry: the owner has closed too. */
export function timeWaitEntry(rig: Rig, options?: OpenOptions): Peer {
  const peer = passive(rig, options);
  assert.equal(rig.call.close(peer.handle), 0);
  rig.pump();
  peer.expect({ flags: "FA" });
  peer.send();
  peer.send({ flags: "FA" });
  peer.expect();
  return peer;
}

/** The peer asks for our MAC, as hosts do before they send: the stack knows its MAC then. */
export function greet(rig: Rig, number = 10): void {
  rig.inject(arpFrame(number));
  rig.expectArp({ operation: 2 });
}

/** What a router quotes in an error of a segment of ours with this number. */
export function quoted(
  peer: Peer,
  seq: number,
  edit: (bytes: number[]) => void = () => {},
): number[] {
  const tcp = [...word16(peer.localPort), ...word16(peer.peerPort), ...word32(peer.ours(seq))];
  const header = [0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0];
  const bytes = [...header, ...OUR_ADDRESS, ...peer.address, ...tcp];
  edit(bytes);
  return bytes;
}

/** Another connection, to see that it is not touched. */
export function bystander(rig: Rig): Peer {
  return passive(rig, { peer: 11, peerPort: 33333, localPort: 81, iss: 77 });
}

/** The bystander still carries data both ways. */
export function stillWorks(peer: Peer): void {
  peer.expectState(State.ESTABLISHED);
  peer.send({ data: 5 });
  peer.rig.advance(40);
  peer.expect();
  peer.read(5);
  peer.write(5);
  peer.expect({ flags: "PA", len: 5 });
  peer.send();
  peer.rig.expectNothing();
}
