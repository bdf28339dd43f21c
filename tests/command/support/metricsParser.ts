// Metrics as an independent parser reads them: that of Prometheus' Python client, with its form of a failure.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { TestContext } from "node:test";
import { loadTool } from "../../boards/support/native.js";
import { fromRoot } from "../../static/support/module.js";
import { needs } from "./process.js";

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

export type Parse = (form: "openmetrics" | "prometheus", text: string) => ParsedFamily[];

const { providePrometheusClient } = (await loadTool("tools/lib/prometheus.mjs")) as {
  providePrometheusClient(): string;
};

/** Skips the test, with the reason, where it cannot be had. */
export function metricsParser(t: TestContext): Parse | null {
  if (!needs(t, "python3", "python3")) return null;
  let folder: string;
  try {
    folder = providePrometheusClient();
  } catch (error) {
    const { message } = error as Error;
    assert.notEqual(process.env["MOTE_REQUIRE"], "all", message);
    t.skip(message.split("\n")[0]);
    return null;
  }
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
  const script = fromRoot("tests/command/support/metricsParser.py");
  return (form, text) => {
    const run = spawnSync("python3", [script, form], { env, input: text, encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(run.stdout) as ParsedFamily[];
  };
}
