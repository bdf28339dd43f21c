// What a C host reads of handles with boards/common/motetcp.h, compiled and run over a copy of the
// core's memory: the same as host/core reads.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import type { Core } from "../../host/core/core.js";
import { Constant, Option } from "../../host/core/generated/abi.js";
import { listenerOn, passive } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const compiler = spawnSync("gcc", ["--version"]).status === 0;
const skip = compiler ? false : "no gcc; to install: npm run setup:system";
const folder = mkdtempSync(join(tmpdir(), "motetcp-header-"));
after(() => rmSync(folder, { recursive: true }));

/** A program that prints what the header's readers say of each handle it is given. */
function programFor(core: Core): string {
  const file = join(folder, `${core.profile}.c`);
  const constants = Array.from({ length: Constant.COUNT }, (_, id) => `${core.constant(id)}u`);
  const options = Array.from({ length: 18 }, (_, option) => option);
  writeFileSync(
    file,
    `#include <stdio.h>
#include <stdlib.h>
#include "boards/common/motetcp.h"
static const uint32_t constants[] = {${constants.join(", ")}};
uint32_t mote_constant(uint32_t id) { return constants[id]; }
static uint8_t memory[${core.constant(Constant.MEMORY_BYTES)}];
int main(int count, char **words) {
  struct mote_places places = mote_find_places();
  FILE *file = fopen(words[1], "rb");
  if (file == NULL || fread(memory, 1, sizeof memory, file) == 0) return 2;
  for (int i = 2; i < count; i++) {
    uint32_t handle = (uint32_t)strtoul(words[i], NULL, 10);
    static const uint32_t options[] = {${options.join(", ")}};
    printf("%d %d %d", mote_status(memory, &places, handle), mote_error(memory, &places, handle),
           mote_address_state(memory, &places, handle));
    for (unsigned n = 0; n < ${options.length}; n++)
      printf(" %d", mote_get_option(memory, &places, handle, options[n]));
    printf("\\n");
  }
  return 0;
}
`,
  );
  const program = join(folder, core.profile);
  const flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", ROOT];
  const built = spawnSync("gcc", [...flags, "-o", program, file], { encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);
  return program;
}

/** The same line, as host/core reads it. */
function lineOf(rig: Rig, handle: number): string {
  const options = Array.from({ length: 18 }, (_, option) => rig.option(handle, option));
  return [rig.state(handle), rig.error(handle), rig.addressState(handle), ...options].join(" ");
}

onAllProfiles("the C header reads what host/core reads", { skip }, (rig) => {
  const peer = passive(rig);
  const gone = passive(rig, { peerPort: 2000 });
  gone.send({ flags: "R" });
  const listener = listenerOn(rig, 99);
  rig.call.setOption(peer.handle, Option.TTL, 9);
  const stale = gone.handle + 0x20000;
  const handles = [0, peer.handle, gone.handle, listener, rig.address, stale, 0x7fffffff];
  const program = programFor(rig.core);
  const memory = join(folder, "memory");
  writeFileSync(memory, rig.core.memory.subarray(0, rig.core.constant(Constant.MEMORY_BYTES)));
  const { stdout, status } = spawnSync(program, [memory, ...handles.map(String)], {
    encoding: "utf8",
    maxBuffer: 1 << 20,
  });
  assert.equal(status, 0);
  const expected = handles.map((handle) => lineOf(rig, handle));
  assert.deepEqual(stdout.trim().split("\n"), expected);
  assert.ok(expected[1]!.startsWith(`${rig.state(peer.handle)} 0 `));
});
