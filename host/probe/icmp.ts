// ICMP errors in the words of ping (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1), and in the
// marks of traceroute.

export interface IcmpError {
  readonly type: number;
  readonly code: number;
}

const UNREACHABLE = 3;
const TIME_EXCEEDED = 11;

const UNREACHABLE_TEXTS = [
  "Destination Net Unreachable",
  "Destination Host Unreachable",
  "Destination Protocol Unreachable",
  "Destination Port Unreachable",
  "Frag needed and DF set",
  "Source Route Failed",
  "Destination Net Unknown",
  "Destination Host Unknown",
  "Source Host Isolated",
  "Destination Net Prohibited",
  "Destination Host Prohibited",
  "Destination Net Unreachable for Type of Service",
  "Destination Host Unreachable for Type of Service",
  "Packet filtered",
  "Precedence Violation",
  "Precedence Cutoff",
];

const TIME_TEXTS = ["Time to live exceeded", "Frag reassembly time exceeded"];

export function icmpText({ type, code }: IcmpError): string {
  const known = type === UNREACHABLE ? UNREACHABLE_TEXTS : type === TIME_EXCEEDED ? TIME_TEXTS : [];
  if (type === 12) return "Parameter problem";
  return known[code] ?? `ICMP error, type ${type} code ${code}`;
}

const MARKS: Readonly<Record<number, string>> = {
  0: "!N",
  1: "!H",
  2: "!P",
  4: "!F",
  5: "!S",
  9: "!X",
  10: "!X",
  13: "!X",
};

/** "" for the error that a hop on the way sends; "!H" and others for the end of the way. */
export function icmpMark({ type, code }: IcmpError): string {
  if (type === TIME_EXCEEDED) return "";
  return type === UNREACHABLE ? (MARKS[code] ?? `!<${code}>`) : `!<${type}-${code}>`;
}

/** What a silent next hop comes to: nobody sent it. */
export const HOST_UNREACHABLE: IcmpError = { type: UNREACHABLE, code: 1 };
