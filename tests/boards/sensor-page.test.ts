// The example that is core and application in one module: packets in, page out, with nothing around it but the frames.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Constant, type CoreExports } from "../../host/core/generated/abi.js";
import {
  ACK,
  arp,
  FIN,
  OUR_ADDRESS,
  OUR_MAC,
  parseTcp,
  PSH,
  type Segment,
  SYN,
  tcp,
} from "../static/support/frames.js";
import { fromRoot } from "../static/support/module.js";
import { applicationFolder } from "./support/tools.js";

const PEER = 10;
const REQUEST = "GET / HTTP/1.1\r\nHost: sensor\r\n\r\n";

async function module(): Promise<WebAssembly.Module> {
  await applicationFolder("sensor-page");
  return new WebAssembly.Module(readFileSync(fromRoot("build/sensor-page.wasm")));
}

/** A pump, and a peer that asks. */
async function startPage() {
  const core = new WebAssembly.Instance(await module(), {}).exports as unknown as CoreExports;
  const memory = new Uint8Array(core.memory.buffer);
  const words = new DataView(core.memory.buffer);
  let nowMs = 5_000;
  core.initialise();
  memory.fill(7, core.constant(Constant.ENTROPY), core.constant(Constant.ENTROPY) + 32);
  core.seed();
  core.advance(nowMs, nowMs * 1000);
  memory.set(OUR_MAC, core.constant(Constant.ADDRESS_BUFFER));
  core.interfaceConfigure(0, 1500);
  core.interfaceLink(0, 1);
  memory.set(OUR_ADDRESS, core.constant(Constant.ADDRESS_BUFFER));
  core.addressAdd(0, 4, 24, 0);

  /** Frames in, one turn, frames out. */
  function turn(...frames: Uint8Array[]): Uint8Array[] {
    const out: Uint8Array[] = [];
    const tx = core.constant(Constant.TX_FRAME);
    const take = (length: number) => out.push(memory.slice(tx, tx + length));
    core.advance((nowMs += 10), nowMs * 1000);
    for (const frame of frames) {
      memory.set(frame, core.constant(Constant.RX_FRAME));
      const reply = core.receive(0, frame.length);
      if (reply > 0) take(reply);
    }
    while (core.expire() !== 0);
    for (let length; (length = core.transmit(0)) > 0;) take(length);
    return out;
  }

  turn(arp(PEER, 1));
  const setSensor = (tenths: number) => words.setInt32(core.constant(Constant.COUNT), tenths, true);
  return { core, turn, setSensor };
}

type Page = Awaited<ReturnType<typeof startPage>>;

/** Asks once, in pieces, from a port; the answer, once both sides have closed. */
function ask({ turn }: Page, sourcePort: number, pieces: readonly string[]): string {
  let sequence = 1000;
  let ours = 0;
  let text = "";
  let ended = false;
  const hasEnded = () => ended;
  const segment = (fields: Partial<Segment>) =>
    tcp(PEER, {
      ...{ sourcePort, destinationPort: 80, sequence, acknowledgment: ours, flags: ACK },
      ...{ window: 65535, ...fields },
    });
  const take = (frames: Uint8Array[]) => {
    for (const frame of frames) {
      const parsed = parseTcp(frame);
      if (parsed?.destinationPort !== sourcePort || parsed.sequence !== ours) continue;
      text += Buffer.from(frame.subarray(54, 54 + parsed.dataBytes)).toString();
      ended ||= (parsed.flags & FIN) !== 0;
      ours = (ours + parsed.dataBytes + (parsed.flags & FIN ? 1 : 0)) >>> 0;
    }
  };
  const [synAck] = turn(segment({ flags: SYN, sequence: sequence - 1 })).flatMap(
    (f) => parseTcp(f) ?? [],
  );
  assert.ok(synAck !== undefined && synAck.flags === (SYN | ACK), "the page listens");
  ours = (synAck.sequence + 1) >>> 0;
  take(turn(segment({})));
  for (const piece of pieces) {
    const data = new TextEncoder().encode(piece);
    take(turn(segment({ flags: ACK | PSH, data })));
    sequence += data.length;
  }
  for (let i = 0; i < 10 && !hasEnded(); i++) take(turn(segment({})));
  assert.ok(ended, "the page closes");
  turn(segment({ flags: FIN | ACK }));
  return text;
}

test("sensor page: no imports, memory as small as the core's and a little", async () => {
  const compiled = await module();
  assert.deepEqual(WebAssembly.Module.imports(compiled), []);
  const core = new WebAssembly.Instance(compiled, {}).exports as unknown as CoreExports;
  const tiny = new WebAssembly.Instance(
    new WebAssembly.Module(readFileSync(fromRoot("build/tiny.bare.wasm"))),
    {},
  ).exports as unknown as CoreExports;
  const exported = (one: CoreExports) => Object.keys(one).sort();
  assert.deepEqual(exported(core), exported(tiny), "the exports of tiny-bare, and no other");
  const more = core.constant(Constant.MEMORY_BYTES) - tiny.constant(Constant.MEMORY_BYTES);
  assert.ok(more > 0 && more <= 1_024, `${more} bytes more`);
  const place = core.constant(Constant.COUNT);
  assert.ok(place >= tiny.constant(Constant.MEMORY_BYTES));
  assert.ok(place + 4 <= core.constant(Constant.MEMORY_BYTES));
});

test("sensor page: it compiles against the runtime without a heap", () => {
  const asc = fromRoot("node_modules/assemblyscript/bin/asc.js");
  const words = ["--config", "none", "--runtime", "./tests/static/noheap", "--noEmit"];
  const use = ["--use", "abort=", "--use", "MOTE_PROFILE=0"];
  const entry = "examples/sensor-page/index.ts";
  const { status, stderr } = spawnSync(process.execPath, [asc, entry, ...words, ...use], {
    cwd: fromRoot("."),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("sensor page: a request gets the value that the host has written", async () => {
  const page = await startPage();
  for (const [i, [tenths, shown]] of (
    [
      [215, "21.5"],
      [-7, "-0.7"],
      [0, "0.0"],
    ] as const
  ).entries()) {
    page.setSensor(tenths);
    const text = ask(page, 4_000 + i, [REQUEST]);
    assert.match(
      text,
      /^HTTP\/1\.0 200 OK\r\nContent-Type: text\/html\r\n[^]*\r\n\r\n<!doctype html>/,
    );
    assert.ok(text.includes(`<h1>${shown} degrees</h1>`), text);
    assert.match(text, /Up for 5 s\.\n$/);
  }
});

test("sensor page: a request in pieces, and more clients than connection records", async () => {
  const page = await startPage();
  const pieces = ["GET / HT", "TP/1.1\r\nHost: sensor\r", "\n", "\r", "\n"];
  assert.match(ask(page, 4_000, pieces), /degrees/);
  for (let i = 1; i <= 40; i++)
    assert.match(ask(page, 4_000 + i, [REQUEST]), /degrees/, `client ${i}`);
});

test("sensor page: initialise starts it anew", async () => {
  const page = await startPage();
  page.setSensor(99);
  page.core.initialise();
  assert.equal(
    new DataView(page.core.memory.buffer).getInt32(page.core.constant(Constant.COUNT), true),
    0,
  );
});
