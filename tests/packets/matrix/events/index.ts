// All events of the matrix, in the order in which the page shows them.

import type { Chapter } from "../model.js";
import { ACKNOWLEDGMENTS } from "./acknowledgments.js";
import { CALLS } from "./calls.js";
import { DATA } from "./data.js";
import { FINS } from "./fins.js";
import { ICMP_ERRORS } from "./icmp.js";
import { RESETS } from "./resets.js";
import { SYNS } from "./syns.js";
import { TIMERS } from "./timers.js";
import { TIMESTAMPS } from "./timestamps.js";

export const MATRIX: readonly Chapter[] = [
  { title: "SYN", events: SYNS },
  { title: "ACK", events: ACKNOWLEDGMENTS },
  { title: "Data", events: DATA },
  { title: "FIN", events: FINS },
  { title: "RST", events: RESETS },
  { title: "Timestamps", events: TIMESTAMPS },
  { title: "ICMP", events: ICMP_ERRORS },
  { title: "User calls", events: CALLS },
  { title: "Timers", events: TIMERS },
];
