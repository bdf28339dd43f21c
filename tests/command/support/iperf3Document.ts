// The JSON document of a test: what the tests look at, and what both Debian's iperf3 and ours have.

export interface Span {
  readonly bytes: number;
  readonly packets: number;
  readonly lost_packets: number;
  readonly sender: boolean;
  readonly retransmits?: number;
}

export interface Iperf3Document {
  readonly error?: string;
  readonly start: {
    readonly cookie: string;
    readonly timestamp: { readonly timesecs: number };
    readonly connected: readonly { readonly local_port: number; readonly remote_port: number }[];
    readonly test_start: Readonly<Record<string, unknown>>;
  };
  readonly intervals: readonly { readonly sum: Span; readonly sum_bidir_reverse: Span }[];
  readonly end: {
    readonly streams: readonly { readonly sender: Span; readonly receiver: Span }[];
    readonly sum_sent: Span;
    readonly sum_received: Span;
    readonly sum_sent_bidir_reverse: Span;
    readonly sum_received_bidir_reverse: Span;
  };
}
