// Which memory of a core matters to what comes next. Of the 139 MiB of desktop 128 are rings, and what is left in one
// that nobody holds is never read: so a snapshot that is taken often leaves those out, and looks at an eleventh part. What a
// ring holds beside the bytes that wait in it may then differ, and a digest leaves rings out altogether.

import type { Core } from "../core/core.js";
import { Constant, SocketField, SocketSize, TcbField, TcbSize } from "../core/generated/abi.js";
import type { ByteRange } from "../snapshot/pages.js";

/** Bytes for datagrams that are put together, each, where frames are as long as IP allows (assembly/memory.ts). */
const ASSEMBLY_BYTES = 65_552;

/** Where the rings are; null: among the rest, as in the small profiles, whose memory is small as a whole. */
export function ringsOf({ profile, constant }: Core): ByteRange | null {
  if (profile !== "desktop") return null;
  const rings = constant(Constant.RECEIVE_RINGS) + constant(Constant.SEND_RINGS);
  const to = constant(Constant.MEMORY_BYTES) - constant(Constant.ASSEMBLIES) * ASSEMBLY_BYTES;
  return { from: to - rings * constant(Constant.RECEIVE_RING_BYTES), to };
}

/** All but the rings. */
export function besideRings(core: Core): ByteRange[] {
  const to = core.constant(Constant.MEMORY_BYTES);
  const rings = ringsOf(core);
  if (rings === null) return [{ from: 0, to }];
  return [
    { from: 0, to: rings.from },
    { from: rings.to, to },
  ];
}

/** All but rings that nobody holds, in order. */
export function inUse(core: Core): ByteRange[] {
  const rings = ringsOf(core);
  const beside = besideRings(core);
  if (rings === null) return beside;
  const bytes = core.constant(Constant.RECEIVE_RING_BYTES);
  const held = [...heldRings(core)].sort((one, two) => one - two);
  const lent = held.map((ring) => {
    const from = rings.from + ring * bytes;
    return { from, to: from + bytes };
  });
  return [beside[0]!, ...lent, beside[1]!];
}

/** Numbers of rings that a connection or a socket holds, from 0: receive rings, then send rings. */
function heldRings({ constant, words }: Core): Set<number> {
  const rings = new Set<number>();
  const tcbs = constant(Constant.TCBS);
  // Rings are known by their nodes, which are behind those of the connections.
  const end = tcbs + constant(Constant.RECEIVE_RINGS) + constant(Constant.SEND_RINGS);
  const add = (at: number): void => {
    const node = words.getUint16(at, true);
    if (node >= tcbs && node < end) rings.add(node - tcbs);
  };
  const address = constant(Constant.ADDRESS_BYTES);
  // Their addresses stand before them.
  const first = constant(Constant.TCB_AREA) + address;
  for (let i = 0, at = first; i < tcbs; i++, at += TcbSize + address) {
    add(at + TcbField.receiveRing.offset);
    add(at + TcbField.sendRing.offset);
  }
  const sockets = constant(Constant.SOCKETS);
  for (
    let i = 0, at = constant(Constant.SOCKET_AREA);
    i < sockets;
    i++, at += SocketSize + address
  ) {
    add(at + SocketField.receiveRing.offset);
    add(at + SocketField.sendRing.offset);
  }
  return rings;
}
