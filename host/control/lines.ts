// Lines out of a stream of bytes, of bounded length. Kept as the pieces that came until a line is whole, so that a
// long one is put together once.

const NEWLINE = 0x0a;

export interface Lines {
  push(bytes: Buffer): void;
  /** The next whole line without its end; null: none is whole yet; TOO_LONG: it never will be. */
  take(): string | null | typeof TOO_LONG;
}

export const TOO_LONG = Symbol("too long");

export function createLines(mostBytes: number): Lines {
  let whole: Buffer = Buffer.alloc(0);
  let pieces: Buffer[] = [];
  let rest = 0;

  return {
    push(bytes) {
      const last = bytes.lastIndexOf(NEWLINE);
      if (last >= 0) {
        whole = Buffer.concat([whole, ...pieces, bytes.subarray(0, last + 1)]);
        pieces = [];
        rest = 0;
      }
      if (last + 1 === bytes.length) return;
      pieces.push(bytes.subarray(last + 1));
      rest += bytes.length - last - 1;
    },
    take() {
      const end = whole.indexOf(NEWLINE);
      if (end < 0) return rest > mostBytes ? TOO_LONG : null;
      if (end > mostBytes) return TOO_LONG;
      const line = whole.toString("utf8", 0, end);
      whole = whole.subarray(end + 1);
      return line;
    },
  };
}
