// The metrics of a stack for whoever scrapes them.

import { qualityOf } from "../accept.js";
import type { Stack } from "../core/stack.js";
import { familiesOf, type Family } from "./families.js";
import {
  OPEN_METRICS_TYPE,
  PROMETHEUS_TYPE,
  renderOpenMetrics,
  renderPrometheus,
} from "./render.js";

/** An answer to a scrape. */
export interface MetricsText {
  /** For the field Content-Type. */
  readonly contentType: string;
  /** The text. */
  readonly body: string;
}

/** Everything in the text format of OpenMetrics 1.0. */
export function openMetrics(stack: Stack): string {
  return renderOpenMetrics(familiesOf(stack));
}

/**
 * The answer to a scrape. `accept`: the field of the request; the text format of Prometheus (0.0.4) where it
 * prefers that, else OpenMetrics.
 */
export function metricsFor(stack: Stack, accept?: string): MetricsText {
  return renderFor(familiesOf(stack), accept);
}

export function renderFor(families: readonly Family[], accept = "*/*"): MetricsText {
  const classic =
    qualityOf(accept, "text/plain") > qualityOf(accept, "application/openmetrics-text");
  return classic
    ? { contentType: PROMETHEUS_TYPE, body: renderPrometheus(families) }
    : { contentType: OPEN_METRICS_TYPE, body: renderOpenMetrics(families) };
}
