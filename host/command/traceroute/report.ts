// How traceroute speaks: a line for each hop, as people know it, or JSON lines.

import type { Io } from "../io.js";
import type { EchoAnswer } from "../../probe/echo.js";
import { HEADER_BYTES, lineWriter, roundUs, type AskingFacts } from "../network/asking.js";
import { icmpMark, icmpText } from "../../probe/icmp.js";
import { PROBE_BYTES, type Hop } from "../../probe/tracer.js";

export interface TraceReport {
  started(facts: AskingFacts, maxHops: number): void;
  hop(hop: Hop): void;
  done(reached: boolean): void;
}

const PACKET_BYTES = PROBE_BYTES + HEADER_BYTES;

export function createTraceReport(io: Io, json: boolean): TraceReport {
  const line = lineWriter(io);
  return json ? jsonReport((value) => line(JSON.stringify(value))) : textReport(line);
}

function textReport(line: (text: string) => void): TraceReport {
  let own = "";
  return {
    started({ host, address, from }, maxHops) {
      own = from;
      line(`traceroute to ${host} (${address}), ${maxHops} hops max, ${PACKET_BYTES} byte packets`);
    },
    hop: ({ ttl, probes }) => line(`${String(ttl).padStart(2)}  ${hopText(probes, own)}`),
    done: () => undefined,
  };
}

/** Who answered, once as long as it is the same, and how long it took; * for silence. */
function hopText(probes: Hop["probes"], own: string): string {
  let last = "";
  const words = probes.map((probe) => {
    if (probe === null) return "*";
    const address = probe.address ?? own;
    const name = address === last ? "" : `${address}  `;
    last = address;
    return `${name}${probe.ms.toFixed(3)} ms${markOf(probe)}`;
  });
  return words.join(words.every((word) => word === "*") ? " " : "  ");
}

function markOf({ error }: EchoAnswer): string {
  const mark = error === null ? "" : icmpMark(error);
  return mark === "" ? "" : ` ${mark}`;
}

function jsonReport(write: (value: object) => void): TraceReport {
  const probeOf = (probe: EchoAnswer | null) => {
    if (probe === null) return null;
    const { address, ms, error } = probe;
    const told = error === null ? {} : { error: { ...error, text: icmpText(error) } };
    return { address, ms: roundUs(ms), ...told };
  };
  return {
    started: (facts, maxHops) => write({ event: "traceroute", ...facts, maxHops }),
    hop: ({ ttl, probes }) => write({ event: "hop", ttl, probes: probes.map(probeOf) }),
    done: (reached) => write({ event: "end", reached }),
  };
}
