// Stdin, for one connection after the other: read only while somebody takes it, and no faster.

export interface InputReader {
  onChunk(chunk: Buffer): void;
  /** There is no more; also for a reader that comes after the end. */
  onEnd(): void;
}

export interface Input {
  /** No more will come. */
  readonly ended: boolean;
  readonly isTerminal: boolean;
  /** From now on chunks go there; the result ends that, and reading rests. */
  attach(reader: InputReader): () => void;
  pause(): void;
  resume(): void;
}

export function createInput(stdin: NodeJS.ReadableStream): Input {
  let ended = false;
  let reader: InputReader | null = null;

  function end(): void {
    if (ended) return;
    ended = true;
    reader?.onEnd();
  }

  function begin(): void {
    stdin.on("data", (chunk: Buffer | string) => {
      reader?.onChunk(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    });
    stdin.on("end", end);
    // A terminal that was closed, a folder in place of a file: nothing comes.
    stdin.on("error", end);
    stdin.pause();
  }

  let begun = false;
  return {
    get ended() {
      return ended;
    },
    isTerminal: (stdin as { isTTY?: boolean }).isTTY === true,
    attach(wanted) {
      if (!begun) begin();
      begun = true;
      reader = wanted;
      if (ended) process.nextTick(() => reader === wanted && wanted.onEnd());
      else stdin.resume();
      return () => {
        if (reader !== wanted) return;
        reader = null;
        stdin.pause();
      };
    },
    pause: () => void stdin.pause(),
    resume() {
      if (reader !== null && !ended) stdin.resume();
    },
  };
}
