// The ESP-IDF project: what the exported folder holds, how much of its C all boards have, and its firmware among fakes
// of FreeRTOS and of the drivers, under the sanitizers. It has not run on a chip.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { arp, echoRequest, SYN, tcp } from "../static/support/frames.js";
import { chooseSeed } from "../static/support/random.js";
import { fromRoot } from "../static/support/module.js";
import {
  commonShare,
  compilerSays,
  componentSources,
  COMPONENT,
  configHeader,
  defaultsFile,
  exportIdfProject,
  FAKES,
  handWritten,
  type Link,
  linesOfCode,
  LINKS,
  menu,
  play,
  TEST_NETWORK,
  TARGETS,
} from "./idf/project.js";

const PEER = 10;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const frame = (bytes: Uint8Array) => `frame ${hex(bytes)}`;
const ping = (number: number) => frame(echoRequest(PEER, Uint8Array.of(number, 0xaa)));
/** A change of the link, and the pump's next look at it. */
const change = (name: string) => [`event ${name}`, "pass 100", "run"];
/** The link is up, and a peer has asked for our MAC. */
const UP = ["run", ...change("connected"), frame(arp(PEER, 1)), "run", "run"];

const sent = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith("sent "))
    .map((line) => Uint8Array.from(Buffer.from(line.slice(5), "hex")));
/** Numbers of the pings that were answered. */
const answered = (lines: readonly string[]) =>
  sent(lines)
    .filter((bytes) => bytes[12] === 8 && bytes[23] === 1 && bytes[34] === 0)
    .map((bytes) => bytes[42]);
const count = (lines: readonly string[], start: string) =>
  lines.filter((line) => line.startsWith(start)).length;
const sleeps = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith("sleep ")).map((line) => Number(line.slice(6)));

const folder = mkdtempSync(join(tmpdir(), "mote-idf-export-"));
after(() => rmSync(folder, { recursive: true }));

test("the exported folder has every file that its CMake files name, and every header that these include", async () => {
  await exportIdfProject("esp32", folder);
  const component = join(folder, "components/motetcp");
  const { links, others } = componentSources();
  assert.deepEqual([...links].sort(), ["link_eth.c", "link_wifi.c"]);
  assert.ok(others.length >= 6);
  const text = readFileSync(join(component, "CMakeLists.txt"), "utf8");
  const words = (name: string) =>
    new RegExp(`^\\s*${name} (.*?)\\)?$`, "m").exec(text)![1]!.split(" ");
  const folders = [...words("INCLUDE_DIRS"), ...words("PRIV_INCLUDE_DIRS")];
  const fakes = new Set(
    ["freertos", "driver", "esp_private", "."].flatMap((part) =>
      readdirSync(join(FAKES, part)).map((name) => (part === "." ? name : `${part}/${name}`)),
    ),
  );
  for (const name of [...links, ...others, "../../main/main.c"]) {
    const path = join(component, name);
    assert.ok(existsSync(path), name);
    for (const [, header] of readFileSync(path, "utf8").matchAll(/^#include "([^"]+)"/gm)) {
      const places = [dirname(path), ...folders.map((each) => join(component, each))];
      const isThere = places.some((place) => existsSync(join(place, header!)));
      assert.ok(isThere || fakes.has(header!) || header === "sdkconfig.h", `${name}: ${header}`);
    }
  }
  assert.match(readFileSync(join(folder, "main/CMakeLists.txt"), "utf8"), /SRCS main\.c/);
  assert.match(readFileSync(join(component, "core/profile.h"), "utf8"), /MOTE_PROFILE "esp32"/);
  assert.ok(
    existsSync(join(folder, defaultsFile().get("PARTITION_TABLE_CUSTOM_FILENAME")!.slice(1, -1))),
  );
});

test("every CONFIG_ symbol that is used is an option of the menu or set in sdkconfig.defaults", () => {
  const known = new Set([...menu().keys(), ...defaultsFile().keys()]);
  const files = [...componentSources().links, "hal.c", "CMakeLists.txt"].map(
    (name) => `${COMPONENT}/${name}`,
  );
  const used = new Set<string>();
  for (const path of [...files, "boards/esp32/main/main.c"]) {
    const text = readFileSync(fromRoot(path), "utf8");
    for (const [, name] of text.matchAll(/\bCONFIG_(\w+)/g)) used.add(name!);
  }
  assert.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
  );
  const options = [...menu().keys()].filter((name) => !name.startsWith("MOTE_LINK_"));
  assert.deepEqual(
    options.filter((name) => !used.has(name)),
    [],
    "and every option is used",
  );
});

test("pins of the W5500 by chip: none is used twice", () => {
  for (const target of TARGETS) {
    const text = configHeader(target, "W5500");
    const pins = [...text.matchAll(/CONFIG_MOTE_SPI_(?:SCLK|MOSI|MISO|CS|INT) (\d+)/g)].map(
      ([, pin]) => pin,
    );
    assert.equal(new Set(pins).size, 5, target);
  }
});

test("each fake says of which versions of ESP-IDF it is", () => {
  for (const name of readdirSync(FAKES, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".h")) continue;
    assert.match(
      readFileSync(join(FAKES, name), "utf8"),
      /^\/\*.*?(ESP-IDF|espressif\/w5500|version)/s,
      name,
    );
  }
});

test("the compiler takes each link on each chip, as ESP-IDF 5.1 to 6.0 declare what is called", () => {
  for (const idf of [
    [5, 1],
    [5, 5],
    [6, 0],
  ] as const) {
    for (const link of LINKS) {
      for (const target of link === "W5500" ? TARGETS : (["ESP32"] as const)) {
        assert.equal(compilerSays(link, target, idf), "", `${link} ${target} ${idf.join(".")}`);
      }
    }
  }
});

test("four lines of five that were written for the firmware with WiFi are common to all boards", (t) => {
  assert.equal(linesOfCode("/* a\n b */\nint a; /* c */\n\n  // d\nint b;\n"), 2);
  for (const link of componentSources().links) {
    const { sources, folders } = handWritten(link);
    const { common, own, share } = commonShare(sources, folders);
    t.diagnostic(`${link}: ${common} of ${common + own} lines, ${(100 * share).toFixed(1)} %`);
    if (link === "link_wifi.c") assert.ok(share >= 0.8, `${share}`);
  }
});

for (const link of ["WIFI", "OPENETH"] as Link[]) {
  const run = (lines: readonly string[], words: readonly string[] = []) => play(link, lines, words);

  test(`${link}: boots, answers ARP and pings, and opens the echo port`, async () => {
    const open = {
      sourcePort: 4000,
      destinationPort: 7,
      sequence: 1,
      acknowledgment: 0,
      flags: SYN,
      window: 9000,
    };
    const { lines, ...sum } = await run([...UP, ping(1), "run", frame(tcp(PEER, open)), "run"]);
    const replies = sent(lines).filter(
      (bytes) => bytes[12] === 8 && bytes[13] === 6 && bytes[21] === 2,
    );
    assert.equal(replies.length, 1, "ARP");
    assert.deepEqual([...replies[0]!.subarray(0, 6)], [2, 0, 0, 0, 0, PEER]);
    assert.deepEqual(answered(lines), [1]);
    const segments = sent(lines).filter((bytes) => bytes[23] === 6);
    assert.deepEqual(
      segments.map((bytes) => bytes[47]),
      [0x12],
      "SYN and ACK",
    );
    assert.deepEqual(sum, { buffers: 3, returned: 3, queued: 0 });
  });

  test(`${link}: a queue that is full drops frames, and each buffer comes back once`, async () => {
    const burst = Array.from({ length: 40 }, (_, number) => ping(number));
    const { lines, ...sum } = await run([...UP, ...burst, "run", "run"]);
    assert.deepEqual(
      answered(lines),
      Array.from({ length: 16 }, (_, number) => number),
    );
    assert.deepEqual(sum, { buffers: 41, returned: 41, queued: 0 });
  });

  test(`${link}: frames longer than any and of no bytes come back, and pass nothing on`, async () => {
    const odd = ["frame ", `frame ${"ff".repeat(1515)}`, `frame ${"02".repeat(13)}`, ping(1)];
    const { lines, ...sum } = await run([...UP, ...odd, "run", "run"]);
    assert.deepEqual(answered(lines), [1]);
    assert.deepEqual(sum, { buffers: 5, returned: 5, queued: 0 });
  });

  test(`${link}: a driver without room holds frames back, is asked again soon, and none is lost`, async () => {
    const burst = Array.from({ length: 8 }, (_, number) => ping(number));
    const { lines, ...sum } = await run([
      ...UP,
      "room 3",
      ...burst,
      "run",
      "pass 1",
      "room 2",
      "run",
      "pass 1",
      "room all",
      "run",
      "run",
    ]);
    assert.deepEqual(answered(lines), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(sleeps(lines).filter((ticks) => ticks === 1).length, 2, "twice it waits for room");
    assert.deepEqual(sum, { buffers: 9, returned: 9, queued: 0 });
  });

  test(`${link}: a frame that the driver refuses is lost, and the next one leaves`, async () => {
    const { lines } = await run([...UP, "error 0x102", ping(1), "run", "error 0", ping(2), "run"]);
    assert.deepEqual(answered(lines), [2]);
    assert.equal(sleeps(lines).includes(1), false, "nothing waits");
  });

  test(`${link}: frames while the link is down come back at once, those after it are served`, async () => {
    const lines = [
      ...UP,
      "event disconnected",
      ping(1),
      "pass 100",
      "run",
      ping(2),
      "run",
      ...change("connected"),
    ];
    const { lines: printed, ...sum } = await run([
      ...lines,
      frame(arp(PEER, 1)),
      ping(3),
      "run",
      "run",
    ]);
    assert.deepEqual(answered(printed), [3]);
    assert.deepEqual(sum, { buffers: 5, returned: 5, queued: 0 });
  });

  test(`${link}: frames that wait while the link goes down come back`, async () => {
    const { lines, ...sum } = await run([
      ...UP,
      ping(1),
      ping(2),
      "event disconnected",
      "run",
      "run",
    ]);
    assert.deepEqual(answered(lines), []);
    assert.deepEqual(sum, { buffers: 3, returned: 3, queued: 0 });
  });

  test(`${link}: sleeps until a frame or a deadline, never above a minute`, async () => {
    const later = Array.from({ length: 12 }, () => ["pass 60000", "run"]).flat();
    const { lines } = await run([...UP, ...later]);
    assert.ok(sleeps(lines).every((ticks) => ticks > 0 && ticks <= 60_000));
    const soon = await run(["run", "event connected", "run"]);
    assert.ok(sleeps(soon.lines).at(-1)! <= 100, "the pump may not ask for the link at once");
    assert.equal(sleeps(lines).at(-1), 60_000, "an idle stack has nothing to do");
    const open = {
      sourcePort: 4000,
      destinationPort: 7,
      sequence: 1,
      acknowledgment: 0,
      flags: SYN,
      window: 9000,
    };
    const { lines: waiting } = await run([
      ...UP,
      ...later,
      frame(arp(PEER, 1)),
      frame(tcp(PEER, open)),
      "run",
    ]);
    assert.ok(sleeps(waiting).at(-1)! <= 1_000, "its SYN and ACK is repeated after a second");
  });

  test(`${link}: after a trap the core starts anew with the frames that come then`, async () => {
    const { lines, ...sum } = await run([
      ...UP,
      "damage",
      "run",
      frame(arp(PEER, 1)),
      ping(2),
      "run",
      "run",
    ]);
    assert.equal(count(lines, "mote: the core has trapped"), 1);
    assert.deepEqual(answered(lines), [2]);
    assert.equal(sum.queued, 0);
    assert.equal(sum.buffers, sum.returned);
  });

  test(`${link}: 10,000 events in any order, in between any calls: each buffer comes back once`, async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`MOTE_SEED=${seed}`);
    for (let i = 0; i < 4; i++) {
      const random = `random ${(seed + i) >>> 0} 10000`;
      const after = [...change("connected"), frame(arp(PEER, 1)), "run", ping(7), "run", "run"];
      const words = i % 2 === 1 ? ["damage=1"] : [];
      const before = link === "WIFI" ? ["event start", "event connected"] : ["event connected"];
      const { lines, ...sum } = await run(["run", random, ...before, "run", ...after], words);
      assert.equal(count(lines, "drained"), 1);
      assert.deepEqual(answered(lines), [7], "it still serves");
      assert.ok(sum.buffers > 10_000);
      assert.equal(sum.returned, sum.buffers);
      assert.equal(sum.queued, 0);
    }
  });
}

test("a queue that is longer than what the pump takes in a turn is emptied without another event", async () => {
  const burst = Array.from({ length: 32 }, (_, number) => ping(number));
  const changes = { ...TEST_NETWORK, MOTE_QUEUE_FRAMES: "32" };
  const { lines } = await play("WIFI", [...UP, ...burst, "run"], [], changes);
  assert.deepEqual(
    answered(lines),
    burst.map((_, number) => number),
  );
});

test("WiFi: connects again after each disconnection, with pauses that double up to half a minute", async () => {
  const losses = Array.from({ length: 10 }, () => [
    "event disconnected",
    "run",
    "pass 40000",
    "run",
  ]).flat();
  const { lines } = await play("WIFI", [
    "run",
    ...losses,
    "event connected",
    "event disconnected",
    "pass 300",
  ]);
  const times = lines
    .filter((line) => line.startsWith("connect at "))
    .map((line) => Number(line.split(" ")[2]));
  const pauses = times.slice(1, -1).map((time, i) => time - i * 40_000);
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000]);
  assert.equal(times.at(-1), 400_250, "a connection makes the first pause short again");
});

test("WiFi: a connection attempt that fails at once is repeated; one after the radio went off is not", async () => {
  const failing = await play("WIFI", ["pass 60000", "run"], ["esp_wifi_connect=12295"]);
  assert.ok(count(failing.lines, "connect at ") >= 7);
  const off = await play("WIFI", ["run", "event disconnected", "event stop", "pass 60000", "run"]);
  assert.equal(count(off.lines, "connect at "), 1);
});

test("WiFi: without the radio there are no random bytes, and nothing starts", async () => {
  const { lines, buffers } = await play("WIFI", ["run", "run"], ["start=never"]);
  assert.ok(lines.includes("mote: no random bytes: nothing may open without them"));
  assert.deepEqual(lines.slice(-2), ["mote: stopped", "returned"]);
  assert.deepEqual(sleeps(lines), [2000]);
  assert.equal(buffers, 0);
});

test("WiFi: a radio that is on a little later is waited for", async () => {
  const { lines } = await play("WIFI", ["run"], ["start=late"]);
  assert.equal(count(lines, "mote: "), 0);
  assert.equal(count(lines, "connect at 0"), 1);
});

test("WiFi: after a trap without the radio it is tried again until that is on", async () => {
  const fall = [...UP, "event stop", "damage", "run", "pass 1000", "run", "pass 1000", "run"];
  const { lines } = await play("WIFI", [
    ...fall,
    "event start",
    "event connected",
    "pass 1000",
    "run",
    "run",
    frame(arp(PEER, 1)),
    ping(5),
    "run",
    "run",
  ]);
  assert.ok(count(lines, "mote: no random bytes") >= 2);
  assert.deepEqual(answered(lines), [5]);
});

test("WiFi: a step of the start that fails is told with its number, and nothing starts", async () => {
  for (const step of [
    "xQueueCreate",
    "nvs_flash_init",
    "esp_event_loop_create_default",
    "esp_timer_create",
    "esp_wifi_init",
    "esp_event_handler_register",
    "esp_wifi_set_config",
    "esp_read_mac",
    "esp_wifi_start",
  ]) {
    const { lines } = await play("WIFI", ["run"], [`${step}=-1`]);
    assert.ok(lines.includes("mote: the driver does not start"), step);
    assert.equal(lines.at(-1), "returned", step);
  }
});

test("WiFi: a flash page of settings that is full or of another version is erased", async () => {
  for (const error of [0x110d, 0x1110]) {
    const { lines } = await play("WIFI", UP, [`nvs_flash_init=${error}`]);
    assert.equal(count(lines, "erase"), 1);
    assert.equal(count(lines, "mote: "), 0);
  }
});

test("WiFi: network and password are those of the menu, up to their longest", async () => {
  const [name, password] = ["n".repeat(32), "p".repeat(64)];
  const changes = {
    MOTE_WIFI_SSID: `"${name}"`,
    MOTE_WIFI_PASSWORD: `"${password}"`,
    MOTE_HOST_NAME: '"board"',
  };
  const { lines } = await play("WIFI", ["run", ...change("connected")], [], changes);
  assert.ok(lines.includes(`network ${name} ${password}`));
  const discovers = sent(lines).filter((bytes) => bytes[23] === 17 && bytes[37] === 67);
  assert.equal(discovers.length, 1, "without an address it asks a DHCP server");
  assert.ok(Buffer.from(discovers[0]!).includes("board"));
});

test("an address that is none is told, and nothing starts", async () => {
  const { lines } = await play("WIFI", ["run"], [], {
    MOTE_ADDRESS: '"192.0.2"',
    MOTE_ROUTER: '""',
  });
  assert.match(lines[0]!, /no IPv4 address/);
  assert.equal(lines.at(-1), "returned");
});

test("Ethernet: a step of the start that fails is told, and nothing starts", async () => {
  for (const step of [
    "esp_event_loop_create_default",
    "mac",
    "esp_eth_driver_install",
    "esp_read_mac",
    "esp_eth_ioctl",
    "esp_eth_update_input_path",
    "esp_event_handler_register",
    "esp_eth_start",
  ]) {
    const { lines } = await play("OPENETH", ["run"], [`${step}=-1`]);
    assert.ok(lines.includes("mote: the driver does not start"), step);
  }
});

test("Ethernet: what tells that the driver is busy holds the frame back", async () => {
  for (const error of [0x101, 0x104, 0x107]) {
    const { lines } = await play("OPENETH", [
      ...UP,
      `error ${error}`,
      ping(1),
      "run",
      "error 0",
      "run",
      "run",
    ]);
    assert.deepEqual(answered(lines), [1]);
  }
});

test("Ethernet: a W5500 and a PHY get pins and addresses of the menu, and groups pass", async () => {
  const chip = await play("W5500", UP);
  assert.deepEqual(chip.lines.slice(0, 4), [
    "spi sclk 18 mosi 23 miso 19",
    "w5500 int 4 cs 5 hz 20000000",
    "phy -1 reset -1",
    "all groups 1",
  ]);
  const phy = await play("EMAC", UP, [], {
    MOTE_PHY_ADDRESS: "1",
    MOTE_PHY_RESET: "5",
    MOTE_ADDRESS: '"192.0.2.1"',
  });
  assert.ok(phy.lines.includes("phy 1 reset 5"));
});
