// A threat: an attack between two looks at everything it must not touch. No answer (or the one that
// the attack itself expects), the counter of its reason, no pool changed, a bystander that works.

import assert from "node:assert/strict";
import { counterNames, poolNames } from "../../../host/core/generated/abi.js";
import { icmpFrame, type IpFields, type EthernetFields, tcpFrame } from "./frame.js";
import { bystander, type Peer, stillWorks } from "./peer.js";
import { onAllProfiles, type Rig } from "./rig.js";

/** On every profile. counter: the one that must count, or null. */
export function threat(
  label: string,
  what: string,
  counter: number | null,
  attack: (rig: Rig, bystander: Peer) => void,
): void {
  onAllProfiles(`${label} ${what}`, (rig) => {
    const witness = bystander(rig);
    stillWorks(witness);
    guarded(rig, label, counter, () => attack(rig, witness));
    stillWorks(witness);
  });
}

/** The attack is answered by nothing more, is counted, and changes no pool. */
export function guarded(rig: Rig, label: string, counter: number | null, attack: () => void): void {
  const levels = () => poolNames.map((name, id) => `${name} ${rig.used(id)}`);
  const before = levels();
  rig.changes();
  attack();
  rig.expectNothing(`no answer to ${label}`);
  const changed = rig.changes();
  if (counter !== null) {
    const name = counterNames[counter] ?? "";
    assert.ok((changed[name] ?? 0) > 0, `${name} counts: ${JSON.stringify(changed)}`);
  }
  assert.deepEqual(levels(), before, "no pool has changed");
}

/** A SYN for the bystander's port. */
export function synTo(rig: Rig, ip: IpFields = {}, ethernet: EthernetFields = {}): Uint8Array {
  const segment = { sourcePort: rig.wrapPort, destinationPort: 81, seq: 1, ack: 0, flags: "S" };
  return tcpFrame(10, segment, ip, ethernet);
}

/** An echo request that would be answered. */
export function ping(ip: IpFields = {}, ethernet: EthernetFields = {}): Uint8Array {
  return icmpFrame(10, { type: 8, data: [1, 2, 3, 4] }, ip, ethernet);
}
