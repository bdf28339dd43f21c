// What a time server has said (RFC 4330): never used for timers.

import { TIME_BYTES, TIME_SAMPLE } from "../memory";


@unmanaged
export class TimeSample {
  /** Seconds since 1970-01-01 00:00 UTC, as a u32; with `fraction` 0: no server has answered yet. */
  seconds: u32;
  /** Of a second, in units of 2^-32 s. */
  fraction: u32;
  /** The moment at which it was that time: nowMs and nowUs of an advance. */
  atMs: u32;
  atUs: u32;
  /** Round trip to the server, us. */
  roundTripUs: u32;
  /** Stratum of the server, 1 to 15. */
  stratum: u32;
  /** The server, as it lies in a packet. */
  server: u32;
  /** The server that the user named, 0: those of leases. */
  wanted: u32;
  /** The server that was asked last. */
  asked: u32;
  /** Random: what the answer must repeat. */
  origin: u64;
  /** When the question left, us. */
  sentUs: u32;
  /** Port that it went from; 0: none is open. */
  port: u16;
  /** Questions without an answer. */
  tries: u16;
}

if (offsetof<TimeSample>() != TIME_BYTES) ERROR("TIME_BYTES");

export const timeSample: TimeSample = changetype<TimeSample>(TIME_SAMPLE);
