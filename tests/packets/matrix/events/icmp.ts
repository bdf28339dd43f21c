import type { EventRow } from "../model.js"; export const ICMP_ERRORS: readonly EventRow[] = [];
