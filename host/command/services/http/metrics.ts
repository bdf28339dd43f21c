// What /metrics answers.

import type { Stack } from "../../../core/stack.js";
import { familiesOf } from "../../../metrics/families.js";
import { renderFor, type MetricsText } from "../../../metrics/metrics.js";
import { reuse } from "./reuse.js";

export type Metrics = (accept: string | undefined) => MetricsText;

export function createMetrics(stack: Stack): Metrics {
  const families = reuse(stack.clock, () => familiesOf(stack));
  return (accept) => renderFor(families(), accept);
}
