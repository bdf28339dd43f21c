// When the next block of a stream may leave, by its bitrate: the average since it began is what counts.

export interface Pacer {
  begin(nowMs: number): void;
  /** 0: now. */
  waitMs(nowMs: number, sentBytes: number): number;
}

/** `bitrate`: bits per second; 0: no limit. */
export function createPacer(bitrate: number): Pacer {
  let begunMs = 0;
  return {
    begin(nowMs) {
      begunMs = nowMs;
    },
    waitMs(nowMs, sentBytes) {
      if (bitrate === 0) return 0;
      return Math.max(0, (sentBytes * 8000) / bitrate - (nowMs - begunMs));
    },
  };
}
