// The signs of iperf3's control connection: one signed byte each, with which client and server lead each other through a
// test. The numbers are those of esnet/iperf.

export const Sign = {
  TEST_START: 1,
  TEST_RUNNING: 2,
  TEST_END: 4,
  PARAM_EXCHANGE: 9,
  CREATE_STREAMS: 10,
  SERVER_TERMINATE: 11,
  CLIENT_TERMINATE: 12,
  EXCHANGE_RESULTS: 13,
  DISPLAY_RESULTS: 14,
  IPERF_START: 15,
  IPERF_DONE: 16,
  ACCESS_DENIED: -1,
  SERVER_ERROR: -2,
} as const;

/** "TEST_END", or "sign 77" where there is no such. */
export function signName(sign: number): string {
  const found = Object.entries(Sign).find(([, value]) => value === sign);
  return found?.[0] ?? `sign ${sign}`;
}
