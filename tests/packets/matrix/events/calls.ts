import type { EventRow } from "../model.js"; export const CALLS: readonly EventRow[] = [];
