// `mote flash` as the command line sees it.

import { exitCodes } from "../exit.js";
import type { Verb } from "../verb.js";
import { CHIPS, parseFlash, type FlashWords } from "./options.js";

export const flashVerb: Verb = {
  name: "flash",

  define(command, io, finish) {
    command
      .summary("build the image for a chip, and say how it gets there")
      .description(
        "Builds the image of a chip into a folder, with what this one device is told at boot: its address, and a secret " +
          "of its own. Then says what to do on the bench: a page for the browser, or the line for esptool.",
      )
      .argument("<chip>", `which: ${Object.keys(CHIPS).join(", ")}`)
      .option("--engine <engine>", "aot: C made ahead of time, or wasm3: an interpreter", "aot")
      .option("--profile <profile>", "limits of the core: tiny or esp32", "esp32")
      .option("--address <address/prefix>", "its own; without one it comes by DHCP (not on tiny)")
      .option("--router <address>", "where packets for other networks go, beside --address")
      .option("--output <folder>", "default: build/flash/CHIP")
      .option("--json", "one JSON object: the files, where each goes, and how")
      .addHelpText("after", help)
      .action(async (chip: string, words: FlashWords) => {
        const options = parseFlash(chip, words);
        const { flash } = await import("./run.js");
        await finish(flash(options, io));
      });
  },
};

const help = `
Examples:
  mote flash esp32c3                                  with an address by DHCP
  mote flash esp32c3 --profile tiny --address 192.168.1.50/24
  mote flash esp32c3 --engine wasm3 --output mine

Exit codes:
${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;
