// Families of metrics as text: OpenMetrics 1.0, and the older text format of Prometheus (0.0.4).

import type { Family, Sample } from "./families.js";

export const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const SUFFIXES: Readonly<Record<Family["type"], string>> = {
  counter: "_total",
  gauge: "",
  info: "_info",
};

export function renderOpenMetrics(families: readonly Family[]): string {
  const lines = families.flatMap((family) => {
    const { name, type, unit, help, samples } = family;
    return [
      `# TYPE ${name} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
      `# HELP ${name} ${escapeText(help)}`,
      ...samples.map((sample) => sampleLine(name + SUFFIXES[type], sample)),
    ];
  });
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

/** Here a name has its suffix everywhere, there are no units, and what is "info" there is a gauge. */
export function renderPrometheus(families: readonly Family[]): string {
  const lines = families.flatMap(({ name: bare, type, help, samples }) => {
    const name = bare + SUFFIXES[type];
    return [
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} ${type === "info" ? "gauge" : type}`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeText(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
