// Link maps of GNU ld, as the footprint reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinkMap } from "../../host/footprint/linkMap.js";

test("a link map: long names, strings that were merged, what was left out", () => {
  const map = `Discarded input sections

 .text.gone     0x00000000       0x10 a.o

Linker script and memory map

LOAD a.o

.text           0x00000000       0x50
 *(.text*)
 .text          0x00000000       0x10 a.o
 .text.with_a_long_name
                0x00000010       0x20 lib.a(b.o)
                0x00000010                with_a_long_name
 *fill*         0x00000030        0x2${" "}
 .rodata.str1.1
                0x00000032       0x20 a.o
                                 0x24 (size before relaxing)
 .rodata        0x00000042        0xe lib.a(b.o)

.ARM.attributes
                0x00000000       0x2d
 .ARM.attributes
                0x00000000       0x2d a.o

/DISCARD/
 .eh_frame      0x00000000       0x40 a.o
`;
  assert.deepEqual(parseLinkMap(map), [
    { section: ".text", bytes: 0x10, file: "a.o" },
    { section: ".text", bytes: 0x20, file: "lib.a(b.o)" },
    { section: ".text", bytes: 2, file: "" },
    { section: ".text", bytes: 0x10, file: "a.o" },
    { section: ".text", bytes: 0xe, file: "lib.a(b.o)" },
    { section: ".ARM.attributes", bytes: 0x2d, file: "a.o" },
  ]);
});

test("what is no link map is refused", () => {
  assert.throws(() => parseLinkMap("nothing"), /no link map/);
});
