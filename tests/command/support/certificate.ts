// A key and a certificate of this run, made by openssl: for the name mote.test and the addresses of all places.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { needs } from "./process.js";

export const HOST_NAME = "mote.test";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** It is its own authority. */
  readonly ca: string;
}

const ADDRESSES = ["127.0.0.1", "192.0.2.1", "198.18.0.1", "198.18.0.2"];
let made: Certificate | null = null;

/** null, and the test is skipped: there is no openssl. */
export function certificateFor(t: TestContext): Certificate | null {
  return needs(t, "openssl", "openssl") ? (made ??= make()) : null;
}

function make(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  const [keyFile, certFile] = [join(folder, "key"), join(folder, "cert")];
  const names = [`DNS:${HOST_NAME}`, ...ADDRESSES.map((address) => `IP:${address}`)];
  const words = ["req", "-x509", "-nodes", "-days", "2", "-subj", `/CN=${HOST_NAME}`];
  words.push("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
  words.push("-addext", `subjectAltName=${names.join(",")}`, "-keyout", keyFile, "-out", certFile);
  try {
    execFileSync("openssl", words, { stdio: "ignore" });
    const cert = readFileSync(certFile, "utf8");
    return { key: readFileSync(keyFile, "utf8"), cert, ca: cert };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
