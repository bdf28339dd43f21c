// The harness reaches every state on every profile, and every user call in every state does what
// RFC 9293 sections 3.10.1 to 3.10.6 say: one table for all.

import assert from "node:assert/strict";
import { Errno, Pool, State, StateName } from "../../host/core/generated/abi.js";
import {
  active,
  bystander,
  crossed,
  listenerOn,
  makePeer,
  passive,
  type Peer,
  reach,
  simultaneous,
  stillWorks,
  timeWaitEntry,
} from "./support/peer.js";
import { hasFeature, onAllProfiles, packetTest, type Rig } from "./support/rig.js";

const { EAGAIN, ENOTCONN, EPIPE } = Errno;

onAllProfiles("reach LISTEN", (rig) => {
  const { listener } = reach["LISTEN"]!(rig);
  assert.equal(rig.state(listener), State.LISTEN);
});

onAllProfiles("reach SYN-RECEIVED", (rig) => {
  reach["SYN-RECEIVED"]!(rig);
  const pool = hasFeature(rig.profile, "caches") ? Pool.SYN_CACHE : Pool.TCB;
  assert.equal(rig.used(pool), 1);
  assert.equal(rig.records(pool)[0]?.state, State.SYN_RECEIVED);
});

packetTest("reach ESTABLISHED in tiny: offers are not taken up", { profile: "tiny" }, (rig) => {
  const peer = makePeer(rig);
  const listener = listenerOn(rig);
  peer.sendSyn("S", { options: [3, 3, 3, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0] });
  peer.expect({ flags: "SA", seq: undefined, immediate: true });
  peer.send();
  const handle = rig.call.accept(listener);
  assert.equal(rig.info(handle, "timestamps"), 0);
  assert.equal(rig.info(handle, "sndScale"), 0);
});

onAllProfiles("reach ESTABLISHED, with options", { needs: "extensions" }, (rig) => {
  const peer = passive(rig, { ts: true, ws: 3 });
  assert.equal(rig.info(peer.handle, "timestamps"), 1);
  assert.equal(rig.info(peer.handle, "sndScale"), 3);
});

onAllProfiles("reach ESTABLISHED actively, with options", { needs: "extensions" }, (rig) => {
  const peer = active(rig, { ts: true, ws: 3 });
  assert.equal(rig.info(peer.handle, "timestamps"), 1);
  assert.equal(rig.info(peer.handle, "sndScale"), 3);
});

onAllProfiles("reach ESTABLISHED by a simultaneous open", (rig) => {
  simultaneous(rig).expectState(State.ESTABLISHED);
});

onAllProfiles("reach TIME-WAIT without an owner", (rig) => {
  timeWaitEntry(rig);
  const [pool, other] = hasFeature(rig.profile, "caches")
    ? [Pool.TIME_WAIT, Pool.TCB]
    : [Pool.TCB, Pool.TIME_WAIT];
  assert.equal(rig.used(pool), 1);
  assert.equal(rig.used(other), 0);
});

onAllProfiles("two connections do not notice each other", (rig) => {
  const witness = bystander(rig);
  const peer = passive(rig);
  peer.send({ flags: "R" });
  stillWorks(witness);
});

/** Results of the calls in a state: bytes and 0, or -Errno. span: some room. */
interface Row {
  sendSpan: number | "span";
  receiveSpan: number;
  shutdown: number;
  /** What close and abort make the stack say; "": nothing. */
  close: string;
  abort: string;
}

const TABLE: Record<string, Row> = {
  "SYN-SENT": {
    sendSpan: -ENOTCONN,
    receiveSpan: -ENOTCONN,
    shutdown: -ENOTCONN,
    close: "",
    abort: "",
  },
  "SYN-RECEIVED": {
    sendSpan: -ENOTCONN,
    receiveSpan: -ENOTCONN,
    shutdown: 0,
    close: "",
    abort: "RA",
  },
  ESTABLISHED: { sendSpan: "span", receiveSpan: -EAGAIN, shutdown: 0, close: "FA", abort: "RA" },
  "FIN-WAIT-1": {
    sendSpan: -EPIPE,
    receiveSpan: -EAGAIN,
    shutdown: -EPIPE,
    close: "",
    abort: "RA",
  },
  "FIN-WAIT-2": {
    sendSpan: -EPIPE,
    receiveSpan: -EAGAIN,
    shutdown: -EPIPE,
    close: "",
    abort: "RA",
  },
  "CLOSE-WAIT": { sendSpan: "span", receiveSpan: 0, shutdown: 0, close: "FA", abort: "RA" },
  CLOSING: { sendSpan: -EPIPE, receiveSpan: 0, shutdown: -EPIPE, close: "", abort: "" },
  "LAST-ACK": { sendSpan: -EPIPE, receiveSpan: 0, shutdown: -EPIPE, close: "", abort: "" },
  "TIME-WAIT": { sendSpan: -EPIPE, receiveSpan: 0, shutdown: -EPIPE, close: "", abort: "" },
  CLOSED: { sendSpan: -EPIPE, receiveSpan: 0, shutdown: -EPIPE, close: "", abort: "" },
};

/** The state with a handle: SYN-RECEIVED after a simultaneous open, CLOSED in good order. */
function enter(rig: Rig, state: string): Peer {
  if (state === "SYN-RECEIVED") return crossed(rig);
  if (state !== "CLOSED") return reach[state]!(rig);
  const peer = reach["LAST-ACK"]!(rig);
  peer.send();
  return peer;
}

for (const [state, row] of Object.entries(TABLE)) {
  onAllProfiles(`user calls in ${state}`, (rig) => {
    const peer = enter(rig, state);
    const { call } = rig;
    assert.equal(StateName[peer.state()], state);
    const room = call.sendSpan(peer.handle);
    if (row.sendSpan === "span") assert.ok(room > 0, `sendSpan: ${room}`);
    else assert.equal(room, row.sendSpan, "sendSpan");
    assert.equal(call.receiveSpan(peer.handle), row.receiveSpan, "receiveSpan");
    assert.equal(call.accept(peer.handle), -Errno.EBADF, "accept");
    assert.equal(rig.error(peer.handle), 0, "takeError");
    assert.equal(StateName[peer.state()], state, "none of these changes the state");
    assert.equal(call.shutdown(peer.handle), row.shutdown, "shutdown");
    rig.pump();
    if (row.shutdown === 0 && state !== "SYN-RECEIVED") peer.expect({ flags: "FA" });
    rig.expectNothing();
  });

  for (const name of ["close", "abort"] as const) {
    onAllProfiles(`${name} in ${state}`, (rig) => {
      const peer = enter(rig, state);
      assert.equal(rig.call[name](peer.handle), 0);
      assert.equal(peer.state(), -Errno.EBADF, "the handle is gone");
      rig.pump();
      if (row[name].includes("R")) peer.expect({ flags: row[name], seq: peer.ack });
      else if (row[name] !== "") peer.expect({ flags: row[name] });
      rig.expectNothing();
      assert.equal(rig.call[name](peer.handle), -Errno.EBADF, "once");
    });
  }
}

packetTest("close of a connection in the middle of sending: all arrives, then the FIN", (rig) => {
  const peer = passive(rig, { mss: 1000, win: 3000 });
  peer.write(10_000);
  rig.call.close(peer.handle);
  rig.pump();
  let received = 0;
  for (let turns = 0; received < 10_000 && turns < 20; turns++) {
    for (const { view } of rig.sent.splice(0)) {
      assert.ok(view.kind === "tcp");
      received += view.data.length;
      peer.ack =
        ((view.seq - peer.ourIss) | 0) + view.data.length + (view.flags.includes("F") ? 1 : 0);
    }
    peer.send();
  }
  assert.equal(received, 10_000);
  rig.sent.splice(0);
  peer.ack = 10_002;
  peer.send({ flags: "FA" });
  peer.expect();
  assert.equal(rig.used(Pool.TCB), 0);
});
