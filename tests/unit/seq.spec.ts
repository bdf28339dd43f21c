// Sequence numbers at the wrap (RFC 9293 section 3.4).

import { seqGeq, seqGt, seqLeq, seqLt, seqMax, seqMin } from "../../assembly/tcp/seq";

/** Numbers on both sides of the wrap and of the middle. */
const EDGES: u32[] = [
  0, 1, 2, 0x3fffffff, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
];
/** Distances that windows may have. */
const STEPS: u32[] = [1, 2, 65535, 0x10000, 0x3fffffff];

describe("sequence numbers", () => {
  it("orders a number before what follows it, across the wrap too", () => {
    for (let i = 0; i < EDGES.length; i++) {
      for (let j = 0; j < STEPS.length; j++) {
        const a = EDGES[i];
        const b = a + STEPS[j];
        expect(seqLt(a, b) && seqLeq(a, b)).toBeTruthy(`${a} precedes ${b}`);
        expect(seqGt(b, a) && seqGeq(b, a)).toBeTruthy(`${b} follows ${a}`);
        expect(seqLt(b, a) || seqLeq(b, a)).toBeFalsy(`${b} does not precede ${a}`);
        expect(seqGt(a, b) || seqGeq(a, b)).toBeFalsy(`${a} does not follow ${b}`);
      }
    }
  });

  it("takes a number as equal to itself only", () => {
    for (let i = 0; i < EDGES.length; i++) {
      const a = EDGES[i];
      expect(seqLeq(a, a) && seqGeq(a, a)).toBeTruthy();
      expect(seqLt(a, a) || seqGt(a, a)).toBeFalsy();
    }
  });

  it("finds the later and the earlier of two, across the wrap too", () => {
    for (let i = 0; i < EDGES.length; i++) {
      for (let j = 0; j < STEPS.length; j++) {
        const a = EDGES[i];
        const b = a + STEPS[j];
        expect<u32>(seqMax(a, b)).toBe(b);
        expect<u32>(seqMax(b, a)).toBe(b);
        expect<u32>(seqMin(a, b)).toBe(a);
        expect<u32>(seqMin(b, a)).toBe(a);
      }
    }
  });
});
