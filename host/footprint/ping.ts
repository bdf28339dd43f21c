// What an echo request and its reply take: the one call that has both.

import type { BoardProfile } from "../boards/board.js";
import type { Probe } from "../boards/probe.js";
import { recordWork } from "../boards/transcript.js";
import { defaultConfig } from "../packetdrill/config.js";
import { createWire } from "../packetdrill/wire.js";

export interface PingCost {
  /** Bytes of the request's data. */
  readonly bytes: number;
  readonly instructions: number;
}

const PING_SIZES = [56, 1_400] as const;
const ROUNDS = 4;
const ECHO_REQUEST = 8;
const IDENTIFIER_AND_NUMBER = 0x00070001;

/** `perTick`: instructions for each tick of the board's counter. */
export async function measurePings(
  probe: Probe,
  profile: BoardProfile,
  perTick: number,
): Promise<PingCost[]> {
  const config = defaultConfig(profile);
  const steps = await recordWork(profile, (core) => {
    const wire = createWire(core, config);
    for (const bytes of PING_SIZES) {
      for (let round = 0; round < ROUNDS; round++) {
        wire.inject({
          kind: "icmp",
          source: config.remoteIp,
          destination: config.localIp,
          tos: 0,
          ttl: 64,
          dontFragment: false,
          type: ECHO_REQUEST,
          code: 0,
          rest: IDENTIFIER_AND_NUMBER,
          payload: new Uint8Array(bytes).fill(0x6d),
        });
      }
    }
    if (wire.sent.length !== ROUNDS * PING_SIZES.length) throw new Error("a ping without reply");
  });
  await probe.start();
  const answers = await probe.play(steps);
  const { overhead } = await probe.info();
  const received = answers.filter((_, index) => steps[index]!.name === "receive");
  const pings = received.slice(-ROUNDS * PING_SIZES.length);
  return PING_SIZES.map((bytes, index) => {
    const rounds = pings.slice(index * ROUNDS, (index + 1) * ROUNDS);
    const ticks = Math.min(...rounds.map((answer) => answer.ticks));
    return { bytes, instructions: Math.round(Math.max(0, ticks - overhead) * perTick) };
  });
}
