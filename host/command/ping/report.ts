// How ping speaks: in the lines that people know from other pings, or as JSON lines.

import type { Io } from "../io.js";
import type { EchoAnswer } from "../../probe/echo.js";
import { HEADER_BYTES, lineWriter, roundUs, type AskingFacts } from "../network/asking.js";
import { icmpText } from "../../probe/icmp.js";
import type { Summary } from "../../probe/tally.js";

export interface PingReport {
  started(facts: Started): void;
  answer(answer: EchoAnswer): void;
  done(summary: Summary): void;
}

interface Started extends AskingFacts {
  readonly bytes: number;
}

const ICMP_BYTES = 8;

export function createPingReport(io: Io, json: boolean): PingReport {
  const line = lineWriter(io);
  return json ? jsonReport((value) => line(JSON.stringify(value))) : textReport(line);
}

function textReport(line: (text: string) => void): PingReport {
  let started: Started;
  return {
    started(facts) {
      started = facts;
      const { host, address, bytes } = facts;
      line(`PING ${host} (${address}) ${bytes}(${bytes + HEADER_BYTES}) bytes of data.`);
    },
    answer({ sequence, address, error, bytes, hops, ms, again }) {
      if (error !== null) {
        line(`From ${address ?? started.from} icmp_seq=${sequence} ${icmpText(error)}`);
        return;
      }
      const length = bytes + ICMP_BYTES;
      const twice = again ? " (DUP!)" : "";
      const about = `icmp_seq=${sequence} ttl=${hops} time=${formatRoundTrip(ms)} ms`;
      line(`${length} bytes from ${address}: ${about}${twice}`);
    },
    done(summary) {
      const { transmitted, received, duplicates, errors, lossPercent, timeMs } = summary;
      const parts = [
        `${transmitted} packets transmitted`,
        `${received} received`,
        ...(duplicates > 0 ? [`+${duplicates} duplicates`] : []),
        ...(errors > 0 ? [`+${errors} errors`] : []),
        `${Number(lossPercent.toPrecision(6))}% packet loss`,
        `time ${Math.round(timeMs)}ms`,
      ];
      line(`\n--- ${started.host} ping statistics ---`);
      line(parts.join(", "));
      if (received === 0) return;
      const { minMs, avgMs, maxMs, mdevMs } = summary;
      const times = [minMs, avgMs, maxMs, mdevMs].map((ms) => ms.toFixed(3)).join("/");
      line(`rtt min/avg/max/mdev = ${times} ms`);
    },
  };
}

/** Three digits that count: 0.043, 1.24, 12.3, 123. */
export function formatRoundTrip(ms: number): string {
  return ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

function jsonReport(write: (value: object) => void): PingReport {
  return {
    started: (facts) => write({ event: "ping", ...facts }),
    answer({ sequence, address, error, bytes, hops, ms, again }) {
      const about = { sequence, address, ms: roundUs(ms) };
      if (error !== null) write({ event: "error", ...about, ...error, text: icmpText(error) });
      else write({ event: "reply", ...about, bytes: bytes + ICMP_BYTES, ttl: hops, again });
    },
    done(summary) {
      const rounded = Object.entries(summary).map(([name, value]) => [name, roundUs(value)]);
      write({ event: "statistics", ...Object.fromEntries(rounded) });
    },
  };
}
