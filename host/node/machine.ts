// The machine below Node: numbers of errors as this system has them, and the end of the process.

import { constants } from "node:os";
import type { Machine } from "../core/machine.js";

export const nodeMachine: Machine = {
  errnos: constants.errno as unknown as Record<string, number>,
  onExit(callback) {
    process.on("exit", callback);
    return () => void process.off("exit", callback);
  },
};
