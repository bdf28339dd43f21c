// The parser of Prometheus' own Python client, for the tests of metrics: a pure Python wheel, which pip fetches and which
// has to have the hash below. It is not part of this repository.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./files.mjs";

const VERSION = "0.21.1";
const SHA256 = "594b45c410d6f4f8888940fe80b5cc2521b305a1fafe1c58609ef715a001f301";

/** build/prometheus-client-VERSION: a folder for PYTHONPATH. Throws where it cannot be had. */
export function providePrometheusClient(root = ROOT) {
  const folder = join(root, `build/prometheus-client-${VERSION}`);
  if (existsSync(folder)) return folder;
  mkdirSync(join(root, "build"), { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  try {
    install(made);
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Somebody else may have been as far at the same time, with the same result.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function install(folder) {
  const list = join(folder, "requirements.txt");
  writeFileSync(list, `prometheus_client==${VERSION} --hash=sha256:${SHA256}\n`);
  const words = ["-m", "pip", "install", "--require-hashes", "-r", list, "--target", folder];
  words.push("--only-binary", ":all:", "--no-deps", "--no-compile", "--root-user-action=ignore");
  words.push("--disable-pip-version-check", "--retries", "2", "--timeout", "20");
  try {
    execFileSync("python3", words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message;
    const text = `pip install of prometheus_client ${VERSION}: is there a network, python3 and python3-pip?\n${said}`;
    throw new Error(text, { cause: error });
  }
}
