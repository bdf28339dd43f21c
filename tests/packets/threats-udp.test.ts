// Hostile UDP, by its label: UDP-1 to UDP-4.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { ipFrame, OUR_ADDRESS, udpBytes, udpFrame } from "./support/frame.js";
import { bystander, stillWorks } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";
import { bindTo, datagram, peer, receiveFrom } from "./support/sockets.js";
import { guarded } from "./support/threat.js";

const SOCKETS = { needs: "sockets" } as const;

/** Nothing of the frames is delivered, their reason counts, a connection beside it works on. */
function attack(rig: Rig, counter: number, frames: Uint8Array[]): void {
  const witness = bystander(rig);
  const socket = bindTo(rig, 5000);
  stillWorks(witness);
  guarded(rig, "UDP", counter, () => frames.forEach((frame) => rig.inject(frame)));
  assert.ok(typeof receiveFrom(rig, socket) === "number", "nothing is delivered");
  stillWorks(witness);
  rig.inject(datagram(10, 1, 5000, [1]));
  assert.ok(typeof receiveFrom(rig, socket) === "object", "the socket hears what is right");
  rig.call.close(socket);
}

const PORTS = { sourcePort: 7, destinationPort: 5000 };

onAllProfiles("UDP-1 a length below 8, or beyond the packet", SOCKETS, (rig) => {
  const lengths = [0, 1, 7, 13, 100, 65_535];
  const lie = (length: number) => udpFrame(10, { ...PORTS, data: [1, 2, 3, 4], length });
  attack(rig, Counter.DROP_UDP_MALFORMED, lengths.map(lie));
});

onAllProfiles("UDP-1 a packet shorter than the header", SOCKETS, (rig) => {
  const whole = udpBytes({ ...PORTS }, peer(10), OUR_ADDRESS);
  const short = (length: number) => ipFrame(10, { protocol: 17 }, whole.subarray(0, length));
  attack(rig, Counter.DROP_UDP_MALFORMED, [0, 1, 4, 7].map(short));
});

onAllProfiles("UDP-2 a wrong checksum", SOCKETS, (rig) => {
  const wrong = (checksum: number) => udpFrame(10, { ...PORTS, data: [5], checksum });
  attack(rig, Counter.DROP_UDP_CHECKSUM, [1, 0xffff, 0x1234].map(wrong));
});

onAllProfiles("UDP-3 destination port 0", SOCKETS, (rig) => {
  attack(rig, Counter.DROP_UDP_MALFORMED, [
    udpFrame(10, { sourcePort: 7, destinationPort: 0 }),
    udpFrame(10, { sourcePort: 0, destinationPort: 0, data: [1, 2, 3] }),
  ]);
});

onAllProfiles("UDP-1 a length below the packet's: the rest is no data", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  const bytes = udpBytes({ ...PORTS, data: [1, 2] }, peer(10), OUR_ADDRESS);
  rig.inject(ipFrame(10, { protocol: 17 }, [...bytes, 9, 9, 9]));
  const came = receiveFrom(rig, socket);
  assert.ok(typeof came === "object");
  assert.deepEqual(came.data, [1, 2]);
  rig.call.close(socket);
});

onAllProfiles("UDP-3 source port 0: nobody to answer, but heard", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  rig.inject(udpFrame(10, { sourcePort: 0, destinationPort: 5000, data: [1] }));
  const came = receiveFrom(rig, socket);
  assert.ok(typeof came === "object" && came.port === 0);
  rig.call.close(socket);
});

onAllProfiles(
  "UDP-4 a flood to closed ports: ten answers in a second, no longer than the questions",
  SOCKETS,
  (rig) => {
    const question = udpFrame(10, { sourcePort: 7, destinationPort: 9, data: new Uint8Array(28) });
    for (let i = 0; i < 1000; i++) rig.inject(question);
    const answers = rig.sent.splice(0);
    assert.equal(answers.length, 10);
    assert.ok(answers.every(({ view }) => view.frame.length <= question.length));
    for (let i = 0; i < 100; i++)
      rig.inject(
        udpFrame(10, { sourcePort: 7, destinationPort: 9 }, { destination: [192, 0, 2, 255] }),
      );
    rig.expectNothing("nothing about what went to many");
  },
);
