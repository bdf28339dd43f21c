// What will happen, in order of time; what happens at the same moment, in the order in which it was
// put down. Time is virtual, in whole microseconds since the run began.

export interface Agenda {
  nowUs(): number;
  /** Something for a moment from now on. */
  after(us: number, happen: () => void): void;
  /** When the next entry is due; Infinity: there is none. */
  nextUs(): number;
  /** Moves to a moment, and makes happen what was due up to it. */
  moveTo(us: number): void;
}

interface Entry {
  atUs: number;
  happen: () => void;
}

export function createAgenda(): Agenda {
  const entries: Entry[] = []; // the next one last
  let nowUs = 0;

  return {
    nowUs: () => nowUs,
    after(us, happen) {
      const atUs = nowUs + Math.max(0, Math.round(us));
      let [low, high] = [0, entries.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle]!.atUs > atUs) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, { atUs, happen });
    },
    nextUs: () => entries.at(-1)?.atUs ?? Infinity,
    moveTo(us) {
      while ((entries.at(-1)?.atUs ?? Infinity) <= us) {
        const { atUs, happen } = entries.pop()!;
        nowUs = Math.max(nowUs, atUs);
        happen();
      }
      nowUs = Math.max(nowUs, us);
    },
  };
}
