// What each side has counted, as one JSON document for the other at the end of a test.

import { foreign } from "./errors.js";
import { objectOf } from "./settings.js";

export interface CpuUse {
  readonly total: number;
  readonly user: number;
  readonly system: number;
}

export interface StreamResult {
  readonly id: number;
  readonly bytes: number;
  /** Segments sent again; -1: that side does not know. */
  readonly retransmits: number;
  readonly jitterMs: number;
  /** Datagrams lost. */
  readonly errors: number;
  /** Datagrams sent, or the highest number received. */
  readonly packets: number;
  readonly endSeconds: number;
}

export interface Results {
  /** Per cent of one CPU. */
  readonly cpu: CpuUse;
  /** 1: retransmissions are counted; 0: not; -1: that side has sent nothing. */
  readonly hasRetransmits: number;
  readonly congestion: string | undefined;
  /** What a server has printed, where the client has asked for it: text, or its JSON document. */
  readonly serverOutput: unknown;
  readonly streams: readonly StreamResult[];
}

export function writeResults(results: Results): Record<string, unknown> {
  const { cpu, hasRetransmits, congestion, serverOutput, streams } = results;
  const outputName = typeof serverOutput === "string" ? "server_output_text" : "server_output_json";
  return {
    cpu_util_total: cpu.total,
    cpu_util_user: cpu.user,
    cpu_util_system: cpu.system,
    sender_has_retransmits: hasRetransmits,
    ...(congestion === undefined ? {} : { congestion_used: congestion }),
    ...(serverOutput === undefined ? {} : { [outputName]: serverOutput }),
    streams: streams.map(({ id, bytes, retransmits, jitterMs, errors, packets, endSeconds }) => ({
      ...{ id, bytes, retransmits, jitter: jitterMs / 1000, errors, packets },
      ...{ start_time: 0, end_time: endSeconds },
    })),
  };
}

/** Throws EPROTO. What is not there counts as 0. */
export function readResults(document: unknown): Results {
  const from = objectOf(document, "results");
  const { streams } = from;
  if (!Array.isArray(streams)) throw foreign("the results name no streams");
  const congestion = from["congestion_used"];
  return {
    cpu: {
      total: numberOr(from["cpu_util_total"]),
      user: numberOr(from["cpu_util_user"]),
      system: numberOr(from["cpu_util_system"]),
    },
    hasRetransmits: countOr(from["sender_has_retransmits"]),
    congestion: typeof congestion === "string" ? congestion : undefined,
    serverOutput: from["server_output_json"] ?? from["server_output_text"],
    streams: streams.map(readStream),
  };
}

function readStream(value: unknown): StreamResult {
  const from = objectOf(value, "results of a stream");
  return {
    id: numberOr(from["id"]),
    bytes: numberOr(from["bytes"]),
    retransmits: countOr(from["retransmits"]),
    jitterMs: numberOr(from["jitter"]) * 1000,
    errors: numberOr(from["errors"]),
    packets: numberOr(from["packets"]),
    endSeconds: numberOr(from["end_time"]),
  };
}

function numberOr(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Some write -1 as an unsigned number of 64 bits. */
function countOr(value: unknown): number {
  const number = typeof value === "number" ? value : -1;
  return number >= 2 ** 63 || number < 0 ? -1 : number;
}
