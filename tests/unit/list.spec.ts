// Linked lists in an array against plain arrays.

import {
  listAlone,
  listAppend,
  listFirst,
  listNext,
  listReset,
  listUnlink,
} from "../../assembly/buffer/list";
import { below, reseed } from "./random";

const NODES: u32 = 24;
const HEADS: u32 = 3; // nodes NODES to NODES + HEADS - 1

function resetAll(): void {
  for (let i: u32 = 0; i < NODES + HEADS; i++) listReset(i);
}

describe("lists", () => {
  it("keep the order in which nodes were appended", () => {
    resetAll();
    expect(listAlone(NODES)).toBeTruthy("an empty head is alone");
    expect(listFirst(NODES)).toBe(-1, "and leads nowhere");
    for (let i: u32 = 0; i < 5; i++) listAppend(NODES, i);
    let node = listNext(NODES);
    expect(listFirst(NODES)).toBe(0);
    for (let i: u32 = 0; i < 5; i++) {
      expect<u32>(node).toBe(i);
      node = listNext(node);
    }
    expect<u32>(node).toBe(NODES, "the last leads back to the head");
  });

  it("let a node leave twice, and move without leaving", () => {
    resetAll();
    listAppend(NODES, 0);
    listAppend(NODES + 1, 0);
    expect(listAlone(NODES)).toBeTruthy();
    expect<u32>(listNext(NODES + 1)).toBe(0);
    listUnlink(0);
    listUnlink(0);
    expect(listAlone(0)).toBeTruthy();
    expect(listAlone(NODES + 1)).toBeTruthy();
  });

  it("agree with arrays over random moves", () => {
    resetAll();
    reseed(77);
    const model: u32[][] = [[], [], []];
    for (let step = 0; step < 5000; step++) {
      const node = below(NODES);
      for (let head = 0; head < 3; head++) {
        const at = model[head].indexOf(node);
        if (at >= 0) model[head].splice(at, 1);
      }
      const to = below(HEADS + 1);
      if (to == HEADS) {
        listUnlink(node);
        expect(listAlone(node)).toBeTruthy();
      } else {
        listAppend(NODES + to, node);
        model[to].push(node);
      }
      compare(model);
    }
  });
});

function compare(model: u32[][]): void {
  for (let head = 0; head < 3; head++) {
    let node = listNext(NODES + head);
    for (let i = 0; i < model[head].length; i++) {
      if (node != model[head][i]) expect<u32>(node).toBe(model[head][i]);
      node = listNext(node);
    }
    if (node != NODES + head) expect<u32>(node).toBe(NODES + head);
  }
}
