// A call whose items come by themselves: they wait here until the client takes them, and behind the last one the end follows.

import { createItems } from "./items.js";
import type { Running, Told } from "./protocol.js";

/** Items that wait for a client that reads slowly; what comes beyond is not told. */
const MOST_QUEUED = 1024;

/** `start` gets what takes items, and what takes the end, once; its result ends what has been started. */
export function tellQueued(
  tell: (told: Told) => void,
  start: (queue: (item: object) => void, finish: (end: object) => void) => { stop(): void },
): Running {
  const waiting: object[] = [];
  let end: object | null = null;
  let isOver = false;
  const items = createItems(tell, () => waiting.shift() ?? null);

  function endIfTold(): void {
    if (end === null || waiting.length > 0 || isOver) return;
    isOver = true;
    tell({ end });
  }

  tell({ result: {} });
  const running = start(
    (item) => {
      if (waiting.length < MOST_QUEUED) waiting.push(item);
      items.send();
    },
    (value) => {
      end ??= value;
      endIfTold();
    },
  );
  return {
    credit() {
      items.credit();
      endIfTold();
    },
    cancel() {
      running.stop();
      // Whoever cancels may not read any more.
      items.flush();
      endIfTold();
    },
  };
}
