// Which scripts of the matrix the small profiles leave out, and why (docs/footprint.md).

export type SmallProfile = "esp32" | "tiny";

export interface Exception {
  /** Paths of scripts. */
  readonly scripts: RegExp;
  readonly why: string;
}

export const EXCEPTIONS: Readonly<Record<SmallProfile, readonly Exception[]>> = {
  esp32: [
    { scripts: /^data-across-right-edge/, why: "its ring is shorter than these numbers need" },
    { scripts: /timestamp-in/, why: "it has no timestamps" },
  ],
  tiny: [
    { scripts: /^data-across-right-edge/, why: "its ring is shorter than these numbers need" },
    { scripts: /timestamp-in/, why: "it has no timestamps" },
    { scripts: /^(data|fin)-out-of-order/, why: "it keeps nothing out of order" },
    { scripts: /^icmp-frag-needed/, why: "1000 bytes are no single segment of its ring" },
    {
      scripts: /^r2-in-SYN-RECEIVED\/passive/,
      why: "its handshakes are TCBs, whose RST has an ACK",
    },
  ],
};

/** The small profiles have no timestamps, hence no option that switches them off. */
export const withoutTimestampOption = (text: string) => text.replace("--option=TIMESTAMPS=0\n", "");
