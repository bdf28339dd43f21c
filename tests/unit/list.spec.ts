// Linked lists in an array, and the queue of free numbers, against plain arrays.

import { freeEmpty, freeGive, freeReset, freeTake } from "../../assembly/buffer/free";
import { listAlone, listAppend, listNext, listReset, listUnlink } from "../../assembly/buffer/list";
import { below, reseed } from "./random";

const NODES: u32 = 24;
const HEADS: u32 = 3; // nodes NODES to NODES + HEADS - 1
const LINKS: usize = memory.data(27 * 4, 8);

const COUNT: u32 = 9;
const FREE: usize = memory.data(4 + 9 * 2, 8);

function resetAll(): void {
  for (let i: u32 = 0; i < NODES + HEADS; i++) listReset(LINKS, i);
}

describe("lists", () => {
  it("keep the order in which nodes were appended", () => {
    resetAll();
    expect(listAlone(LINKS, NODES)).toBeTruthy("an empty head is alone");
    for (let i: u32 = 0; i < 5; i++) listAppend(LINKS, NODES, i);
    let node = listNext(LINKS, NODES);
    for (let i: u32 = 0; i < 5; i++) {
      expect<u32>(node).toBe(i);
      node = listNext(LINKS, node);
    }
    expect<u32>(node).toBe(NODES, "the last leads back to the head");
  });

  it("let a node leave twice, and move without leaving", () => {
    resetAll();
    listAppend(LINKS, NODES, 0);
    listAppend(LINKS, NODES + 1, 0);
    expect(listAlone(LINKS, NODES)).toBeTruthy();
    expect<u32>(listNext(LINKS, NODES + 1)).toBe(0);
    listUnlink(LINKS, 0);
    listUnlink(LINKS, 0);
    expect(listAlone(LINKS, 0)).toBeTruthy();
    expect(listAlone(LINKS, NODES + 1)).toBeTruthy();
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
        listUnlink(LINKS, node);
        expect(listAlone(LINKS, node)).toBeTruthy();
      } else {
        listAppend(LINKS, NODES + to, node);
        model[to].push(node);
      }
      compare(model);
    }
  });
});

function compare(model: u32[][]): void {
  for (let head = 0; head < 3; head++) {
    let node = listNext(LINKS, NODES + head);
    for (let i = 0; i < model[head].length; i++) {
      if (node != model[head][i]) expect<u32>(node).toBe(model[head][i]);
      node = listNext(LINKS, node);
    }
    if (node != NODES + head) expect<u32>(node).toBe(NODES + head);
  }
}

describe("free numbers", () => {
  it("come out once each, then none is left", () => {
    freeReset(FREE, COUNT);
    for (let i: u32 = 0; i < COUNT; i++) {
      expect(freeEmpty(FREE)).toBeFalsy();
      expect<u32>(freeTake(FREE)).toBe(i);
    }
    expect(freeEmpty(FREE)).toBeTruthy();
  });

  it("come back last freed first, from empty too", () => {
    freeReset(FREE, COUNT);
    for (let i: u32 = 0; i < COUNT; i++) freeTake(FREE);
    freeGive(FREE, 5);
    freeGive(FREE, 2);
    freeGive(FREE, 8);
    expect<u32>(freeTake(FREE)).toBe(8);
    freeGive(FREE, 0);
    expect<u32>(freeTake(FREE)).toBe(0);
    expect<u32>(freeTake(FREE)).toBe(2);
    expect<u32>(freeTake(FREE)).toBe(5);
    expect(freeEmpty(FREE)).toBeTruthy();
  });

  it("never used stay so while a used one is free", () => {
    freeReset(FREE, COUNT);
    const first = freeTake(FREE);
    for (let i = 0; i < 100; i++) {
      freeGive(FREE, first);
      expect<u32>(freeTake(FREE)).toBe(first);
    }
  });

  it("agree with an array over random use", () => {
    freeReset(FREE, COUNT);
    reseed(13);
    const free: u32[] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const taken: u32[] = [];
    for (let step = 0; step < 5000; step++) {
      if (below(2) == 0 && free.length > 0) {
        const number = freeTake(FREE);
        if (number != free[0]) expect<u32>(number).toBe(free[0]);
        taken.push(free.shift());
      } else if (taken.length > 0) {
        const number = taken.splice(below(taken.length), 1)[0];
        freeGive(FREE, number);
        free.unshift(number);
      }
      if (freeEmpty(FREE) != (free.length == 0)) expect(freeEmpty(FREE)).toBe(free.length == 0);
    }
    expect(free.length + taken.length).toBe(COUNT);
  });
});
