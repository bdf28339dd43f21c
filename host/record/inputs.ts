// What each call of the core reads from memory that its host has written: with its arguments it is all that ever
// comes into the core, so that who writes it down can do everything again.

import { Commit, Constant } from "../core/generated/abi.js";

type ConstantOf = (id: number) => number;

/** Bytes in memory that a call takes: where, and how many. */
export interface Input {
  readonly at: number;
  readonly length: number;
}

// Asked with each frame: taking `args` apart by a pattern would go through an iterator.
export type InputOf = (constant: ConstantOf, words: DataView, args: readonly number[]) => Input;

const ENTROPY_BYTES = 32;
/** An address of 16 bytes, and behind it that of a router. */
const ADDRESS_BYTES = 32;
const NAME_BYTES = 256;

const address: InputOf = (constant) => ({
  at: constant(Constant.ADDRESS_BUFFER),
  length: ADDRESS_BYTES,
});

/** A name whose length is the first argument. */
const name: InputOf = (constant, _words, args) => ({
  at: constant(Constant.NAME_BUFFER),
  length: atMost(args[0] ?? 0, NAME_BYTES),
});

/** Lengths are arguments, and arguments may be anything. */
const atMost = (length: number, most: number) => Math.max(0, Math.min(length, most));

const INPUTS: Readonly<Record<string, InputOf>> = {
  seed: (constant) => ({ at: constant(Constant.ENTROPY), length: ENTROPY_BYTES }),
  receive: (constant, _words, args) => ({
    at: constant(Constant.RX_FRAME),
    length: atMost(args[1] ?? 0, constant(Constant.FRAME_BYTES)),
  }),
  commit(constant, words, args) {
    const at = Math.min(words.getUint32(constant(Constant.SPAN_POINTER), true), words.byteLength);
    const most = Math.min(constant(Constant.SEND_RING_BYTES), words.byteLength - at);
    return { at, length: atMost((args[1] ?? 0) & ~Commit.URGENT, most) };
  },
  interfaceConfigure: address,
  interfaceRouter: address,
  addressAdd: address,
  connect: address,
  associate: address,
  join: address,
  leave: address,
  route: address,
  nameServer: address,
  timeServer: address,
  hostName: name,
  resolve: name,
  publish: name,
};

/** null: the call takes its arguments alone. */
export const inputOf = (call: string): InputOf | null => INPUTS[call] ?? null;
