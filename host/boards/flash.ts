// What is written into the flash of a real board: the image, the page with what it is told at boot, and for a browser
// the manifest of esp-web-tools with a page around it.

import { createHash, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board, BoardProfile, EngineName } from "./board.js";
import { bootBlock } from "./boot.js";
import { buildFirmware } from "./firmware.js";

export interface FlashOptions {
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
  /** As in BootOptions. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  readonly folder: string;
  /** Of the package. */
  readonly version: string;
  readonly onStep?: (text: string) => void;
}

export interface FlashPart {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A sector of flash: what is erased at once. */
const PAGE_BYTES = 4_096;
const ERASED = 0xff;
/** Three bytes of the MAC are of this device alone. */
const STATIONS = 1 << 24;
const OURS = "MoteTCP";

/** Writes the folder; each time with a new seed, for one device. */
export async function writeFlashFolder(options: FlashOptions): Promise<FlashPart[]> {
  const { board, engine, profile, address, router, folder, version, onStep } = options;
  const steps = onStep === undefined ? {} : { onStep };
  const { image } = await buildFirmware({ board, engine, profile, ...steps });
  const block = bootBlock({ address, router, station: randomInt(1, STATIONS) });
  const page = Buffer.alloc(PAGE_BYTES, ERASED);
  page.set(block);
  mkdirSync(folder, { recursive: true });
  checkFolder(folder);
  const parts = [
    writePart(folder, "mote.bin", 0, readFileSync(image)),
    writePart(folder, "boot.bin", board.bootAddress, page),
  ];
  const name = `MoteTCP ${profile}, ${engine}`;
  const files = {
    "manifest.json": manifest(name, version, parts),
    "index.html": pageText(name, parts),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  return parts;
}

/** Files of others are not ours to replace. */
function checkFolder(folder: string): void {
  for (const name of ["index.html", "manifest.json"]) {
    const path = join(folder, name);
    if (!existsSync(path) || readFileSync(path, "utf8").includes(OURS)) continue;
    const text = `${path} is there, and not of this command: choose another --output`;
    throw Object.assign(new Error(text), { code: "EEXIST" });
  }
}

/** For its owner alone, also where there was a file of that name. */
function writePart(folder: string, path: string, offset: number, bytes: Buffer): FlashPart {
  const fresh = join(folder, `${path}.new`);
  rmSync(fresh, { force: true });
  writeFileSync(fresh, bytes, { mode: 0o600 });
  renameSync(fresh, join(folder, path));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { path, offset, bytes: bytes.length, sha256 };
}

/** As esp-web-tools reads it. */
function manifest(name: string, version: string, parts: readonly FlashPart[]): string {
  const builds = [
    { chipFamily: "ESP32-C3", parts: parts.map(({ path, offset }) => ({ path, offset })) },
  ];
  return `${JSON.stringify({ name, version, new_install_prompt_erase: false, builds }, null, 2)}\n`;
}

export const hex = (offset: number) => `0x${offset.toString(16)}`;

export const esptoolLine = (parts: readonly FlashPart[]) =>
  `esptool --chip esp32c3 write_flash ${parts.map(({ path, offset }) => `${hex(offset)} ${path}`).join(" ")}`;

/** How an esp32c3-direct is put together (boards/esp32c3-direct/board.c). */
export const WIRING = "W5500: SCK GPIO6, MOSI GPIO7, MISO GPIO2, CS GPIO10, 3.3 V, RSTn high";
export const CONSOLE = "UART0 (TXD GPIO21, RXD GPIO20), 115,200 baud, 8N1";

function pageText(name: string, parts: readonly FlashPart[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
</style>
<h1>${name}</h1>
<p>For one ESP32-C3, not on two devices: these files have a secret of their own. Nothing of this has run on silicon yet.</p>
<h2>From this page</h2>
<p>It takes a browser with Web Serial and the package esp-web-tools: put its folder <code>dist/web</code> beside this file
as <code>esp-web-tools</code>, and serve this folder from localhost.</p>
<script type="module" src="esp-web-tools/install-button.js"></script>
<esp-web-install-button manifest="manifest.json"></esp-web-install-button>
<h2>From a terminal</h2>
<pre>${esptoolLine(parts)}</pre>
<h2>On the bench</h2>
<p>${WIRING}</p>
<p>Console: ${CONSOLE}. It says <code>ready</code>; <code>r</code> prints a line about how it is.</p>
</html>
`;
}
