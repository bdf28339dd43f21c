import type { EventRow } from "../model.js"; export const TIMERS: readonly EventRow[] = [];
