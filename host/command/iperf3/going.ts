// A client or a server that has begun, here or where its stack is.

export interface Going {
  /** Resolves when all has been told; rejects with what has ended it before its time. */
  readonly over: Promise<void>;
  /** Ends it in good order: the other side is told. */
  end(): void;
}
