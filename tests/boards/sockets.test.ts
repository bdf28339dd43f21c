// boards/common on a simulated board: sockets over spans, datagrams, names, and what is text. A session is played again
// from its start with more lines each time: the same lines give the same answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Errno, Event, State } from "../../host/core/generated/abi.js";
import {
  ACK,
  arp,
  FIN,
  ipv4,
  parseTcp,
  PSH,
  RST,
  type Received,
  type Segment,
  SYN,
  tcp,
  udp,
} from "../static/support/frames.js";
import { frameLine, hex, lastNumber, play, sentIn } from "./support/simulatedBoard.js";

const PEER = 10;
const PEER_PORT = 4000;
const START = ["start", "turn", frameLine(arp(PEER, 1)), "turn"];
const RING = { tiny: 1024, esp32: 2048 };
const text = (value: string) => new TextEncoder().encode(value);

type Profile = "tiny" | "esp32";

const segment = (fields: Partial<Segment>) =>
  frameLine(
    tcp(PEER, {
      ...{ sourcePort: PEER_PORT, destinationPort: 80, sequence: 1000, acknowledgment: 0 },
      ...{ flags: ACK, window: 65535 },
      ...fields,
    }),
  );

const lastSegment = (lines: readonly string[]): Received => {
  const parsed = sentIn(lines).flatMap((frame) => parseTcp(frame) ?? []);
  const last = parsed.at(-1);
  assert.ok(last !== undefined, "a segment has left");
  return last;
};

/** A connection that the peer has opened: the lines up to it, its handle, and the next number of ours. */
async function accepted(profile: Profile) {
  const opening = [...START, "call listen 80", segment({ flags: SYN, sequence: 999 }), "turn"];
  const ours = (lastSegment(await play(profile, ...opening)).sequence + 1) >>> 0;
  const open = [...opening, segment({ acknowledgment: ours }), "turn", "poll"];
  const listener = lastNumber(await play(profile, ...open), "listen");
  const lines = [...open, `call accept ${listener}`];
  return { lines, ours, handle: lastNumber(await play(profile, ...lines), "accept") };
}

for (const profile of ["tiny", "esp32"] as const) {
  const run = (...lines: readonly string[]) => play(profile, ...lines);
  const ring = RING[profile];

  test(`${profile}: reading and writing go on at the ring's beginning, in one call`, async () => {
    const { lines, ours, handle } = await accepted(profile);
    // So far that the next bytes lie across the end, in both directions.
    const most = 500;
    const data = Uint8Array.from({ length: most }, (_, i) => i);
    const rounds = Math.ceil(ring / most);
    const before = [...lines];
    for (let i = 0; i < rounds; i++) {
      const acknowledgment = ours + i * most;
      before.push(segment({ sequence: 1000 + i * most, acknowledgment, data, flags: ACK | PSH }));
      before.push("turn", `call read ${handle} 4096`, `call fill ${handle} ${most}`, "turn");
      before.push(
        segment({ sequence: 1000 + (i + 1) * most, acknowledgment: acknowledgment + most }),
      );
    }
    const answers = await run(...before, "turn");
    assert.equal(answers.filter((line) => line === `read ${most} 0`).length, rounds);
    assert.equal(answers.filter((line) => line === `fill ${most} 0`).length, rounds);
    assert.equal(answers.filter((line) => line === `bytes ${hex(data)}`).length, rounds);
  });

  test(`${profile}: writing says 0 when the ring is full, and WRITABLE follows`, async () => {
    const { lines, ours, handle } = await accepted(profile);
    const full = [...lines, `call fill ${handle} 4096`, `call fill ${handle} 4096`, "turn", "poll"];
    full.push(`call lend ${handle}`);
    const answers = await run(...full);
    const told = answers.filter((line) => /^(fill|lend) /.test(line));
    assert.deepEqual(told, [`fill ${ring} 0`, "fill 0 0", `lend -${Errno.EAGAIN} EAGAIN`]);
    const acknowledged = segment({ acknowledgment: ours + 512 });
    const after = await run(...full, acknowledged, "turn", "poll", `call fill ${handle} 4096`);
    assert.ok(after.includes(`event ${handle} ${Event.WRITABLE}`));
    assert.equal(after.at(-1), "fill 512 0");
  });

  test(`${profile}: nothing yet, the end of the stream, and what has ended`, async () => {
    const { lines, ours, handle } = await accepted(profile);
    const fin = segment({ acknowledgment: ours, flags: FIN | ACK });
    const end = [`call read ${handle} 9`, `call peek ${handle}`, `call state ${handle}`];
    const closed = await run(...lines, ...end, fin, "turn", ...end, `call close ${handle}`, ...end);
    const told = closed.filter((line) => /^(read|peek|state) /.test(line));
    const nothing = `-${Errno.EAGAIN} EAGAIN`;
    const bad = `-${Errno.EBADF} EBADF`;
    assert.deepEqual(told, [
      ...[`read ${nothing}`, `peek ${nothing}`, `state ${State.ESTABLISHED} 0`],
      ...["read 0 0", "peek 0 0", `state ${State.CLOSE_WAIT} 0`],
      ...[`read ${bad}`, `peek ${bad}`, `state ${bad}`],
    ]);
    const reset = segment({ acknowledgment: ours, flags: RST | ACK });
    const calls = [`call write ${handle} 0 x`, `call error ${handle}`];
    const ended = await run(...lines, reset, "turn", "poll", ...calls);
    assert.deepEqual(ended.slice(-2), [
      `write -${Errno.ECONNRESET} ECONNRESET`,
      `error ${Errno.ECONNRESET} 0`,
    ]);
  });

  test(`${profile}: opens to an address as text, and not to what is none`, async () => {
    const opening = [...START, "call connect 80 0 192.0.2.10", "turn"];
    const syn = lastSegment(await run(...opening));
    assert.deepEqual([syn.peer, syn.destinationPort, syn.flags], [PEER, 80, SYN]);
    const answer = { sourcePort: 80, destinationPort: syn.sourcePort, flags: SYN | ACK };
    const numbers = { sequence: 77, acknowledgment: (syn.sequence + 1) >>> 0 };
    const open = await run(...opening, segment({ ...answer, ...numbers }), "turn", "poll");
    const handle = lastNumber(open, "connect");
    assert.ok(open.includes(`event ${handle} ${Event.CONNECTED | Event.WRITABLE}`));
    for (const none of ["192.0.2", "192.0.2.256", "192.0.2.1.", "localhost", "1.2.3.4 "]) {
      const refused = await run(...START, `call connect 80 0 ${none}`);
      assert.equal(refused.at(-1), `connect -${Errno.EINVAL} EINVAL`, none);
    }
  });
}

test("datagrams come with their sender and go to whom they are for", async () => {
  const bound = [...START, "call bind 5000"];
  const handle = lastNumber(await play("esp32", ...bound), "bind");
  const datagram = frameLine(ipv4(PEER, 17, udp(PEER, 600, 5000, text("hello"))));
  const came = [...bound, datagram, datagram, "turn", "poll", `call receive ${handle} 9`];
  const lines = await play(
    "esp32",
    ...came,
    `call receive ${handle} 2`,
    `call receive ${handle} 9`,
  );
  assert.deepEqual(lines.slice(-7), [
    ...["from 192.0.2.10 600", `bytes ${hex(text("hello"))}`, "receive 5 0"],
    ...["from 192.0.2.10 600", `bytes ${hex(text("he"))}`, "receive 5 0"],
    `receive -${Errno.EAGAIN} EAGAIN`,
  ]);
  const sent = await play("esp32", ...bound, `call send ${handle} 600 answer`, "turn");
  const frame = sentIn(sent).at(-1)!;
  assert.deepEqual([...frame.subarray(34, 38)], [5000 >> 8, 5000 & 255, 600 >> 8, 600 & 255]);
  assert.equal(Buffer.from(frame.subarray(42)).toString(), "answer");
});

test("a datagram without a peer, one that never fits, and a queue that is full", async () => {
  const bound = [...START, "call bind 5000"];
  const handle = lastNumber(await play("esp32", ...bound), "bind");
  const peer = [`call write ${handle} 0 x`, `call peer ${handle} 9`, `call write ${handle} 0 x`];
  const lines = await play("esp32", ...bound, ...peer, "turn", `call read ${handle} 9`);
  assert.deepEqual(
    lines.filter((line) => /^(write|peer|read) /.test(line)),
    [
      `write -${Errno.EDESTADDRREQ} EDESTADDRREQ`,
      "peer 0 0",
      "write 1 0",
      `read -${Errno.EAGAIN} EAGAIN`,
    ],
  );
  const long = await play(
    "esp32",
    ...bound,
    `call long ${handle} 2040`,
    `call long ${handle} 1000`,
  );
  assert.equal(long.at(-2), `long -${Errno.EMSGSIZE} EMSGSIZE`);
  assert.equal(long.at(-1), "long 1000 0", "and the socket is as before");
  const thrice = Array.from({ length: 3 }, () => `call long ${handle} 900`);
  const full = await play("esp32", ...bound, ...thrice, "turn", "poll", thrice[0]!);
  const told = full.filter(
    (line) => line.startsWith("long ") || line.startsWith(`event ${handle} `),
  );
  const again = `long -${Errno.EAGAIN} EAGAIN`;
  assert.deepEqual(told, [
    "long 900 0",
    "long 900 0",
    again,
    `event ${handle} ${Event.WRITABLE}`,
    "long 900 0",
  ]);
});

test("a name is looked up: its addresses, or why there are none", async () => {
  const asked = [
    ...START,
    "call lookup 0 0 www.example",
    "call server",
    "call lookup 0 0 www.example",
    "turn",
  ];
  const lines = await play("esp32", ...asked);
  const handle = lastNumber(lines, "lookup");
  assert.ok(lines.includes(`lookup -${Errno.ENETUNREACH} ENETUNREACH`), "no server is known");
  const question = sentIn(lines).at(-1)!;
  const from = (question[34]! << 8) | question[35]!;
  /** The question comes back with a code and records. */
  const answer = (code: number, ...records: number[][]) => {
    const message = [...question.subarray(42)];
    const end = message.indexOf(0, 12) + 5;
    const head = message.slice(0, end);
    head.splice(2, 10, 0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0);
    const all = Uint8Array.from([...head, ...records.flat()]);
    return frameLine(ipv4(PEER, 17, udp(PEER, 53, from, all)));
  };
  const a = (last: number) => [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last];
  const found = await play(
    "esp32",
    ...asked,
    `call found ${handle}`,
    answer(0, a(7), a(8)),
    "turn",
    "poll",
    `call found ${handle}`,
    `call close ${handle}`,
    `call found ${handle}`,
  );
  assert.ok(found.includes(`found -${Errno.EAGAIN} EAGAIN`));
  assert.ok(found.includes(`event ${handle} ${Event.READABLE}`));
  assert.deepEqual(found.slice(-5), [
    "address 192.0.2.7",
    "address 192.0.2.8",
    "found 2 0",
    "close 0 0",
    `found -${Errno.EBADF} EBADF`,
  ]);
  const failed = await play("esp32", ...asked, answer(3), "turn", "poll", `call found ${handle}`);
  assert.equal(failed.at(-1), `found -${Errno.ENOTFOUND} ENOTFOUND`);
});

test("addresses and errors as text", async () => {
  const lines = await play(
    "tiny",
    "own",
    "start",
    "own",
    "parse 0.0.0.0",
    "parse 255.1.20.255",
    "parse 1.2.3",
    "parse 1.2.3.0004",
    "parse 01234.2.3.4",
    "parse 1..2.3",
    "name 0",
    "name 1",
    "name -8",
    "name 23",
    "name 24",
    "name 25",
    "name -2147483648",
  );
  assert.deepEqual(lines, [
    ...["own none", "start 0", "own 192.0.2.1", "parse 0.0.0.0", "parse 255.1.20.255"],
    ...["parse none", "parse 1.2.3.4", "parse none", "parse none"],
    ...["name 0", "name EAGAIN", "name ECONNRESET", "name ESERVFAIL", "name ENOTSUP"],
    ...["name ?", "name ?"],
  ]);
});
