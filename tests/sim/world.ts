// What a run consists of.

import type { Agenda } from "./agenda.js";
import type { Coverage } from "./coverage.js";
import type { Log } from "./log.js";
import type { People } from "./people.js";
import type { Plan } from "./plan.js";
import type { Station, StationName } from "./station.js";

export interface World {
  plan: Plan;
  agenda: Agenda;
  log: Log;
  coverage: Coverage;
  stations: Record<StationName, Station>;
  people: People;
}
