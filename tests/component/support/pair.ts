// Two libraries on a wire, under a clock of the test's own.

import { createLibrary, ipv4, type Endpoint, type Library } from "./library.js";
import type { Profile } from "../../static/support/module.js";

export interface Side {
  readonly library: Library;
  readonly address: string;
  /** Handle of the address. */
  readonly handle: number;
  /** Makes it as new; the address's handle. */
  start(): number;
}

export interface Pair {
  readonly client: Side;
  readonly server: Side;
  /** Carries frames until there is none, at this moment. */
  settle(): void;
  /** Lets time pass, with all that is due meanwhile. */
  pass(ms: number): void;
}

export const endpoint = (address: string, port: number): Endpoint => ({
  address: ipv4(address),
  port,
});

export const entropy = (seed: number) => Uint8Array.from({ length: 32 }, (_, i) => 37 * i + seed);

/** A library with one interface, its link up. */
export async function createSide(
  profile: Profile,
  address: string,
  now: () => bigint,
): Promise<Side> {
  const library = await createLibrary(profile);
  const last = Number(address.split(".").at(-1));
  const start = (): number => {
    library.lifecycle.initialise();
    library.lifecycle.seed(entropy(last));
    library.time.advance(now());
    library.network.configure(0, [2, 0, 0, 0, 0, last], 1500);
    const handle = library.network.addAddress(0, ipv4(address), 24, false);
    library.network.setLink(0, true);
    return handle;
  };
  return { library, address, handle: start(), start };
}

export async function createPair(profile: Profile): Promise<Pair> {
  let nowUs = 1_000_000n;
  const client = await createSide(profile, "198.18.0.1", () => nowUs);
  const server = await createSide(profile, "198.18.0.2", () => nowUs);
  const sides = [client.library, server.library] as const;
  const carry = (frame: Uint8Array | undefined, to: number): void => {
    for (let at = to; frame; at ^= 1) frame = sides[at]!.frames.receive(0, frame);
  };
  const settle = () => {
    for (let quiet = 0, side = 0; quiet < 2; side ^= 1) {
      while (sides[side]!.time.expire());
      const frame = sides[side]!.frames.transmit(0);
      quiet = frame ? 0 : quiet + 1;
      carry(frame, side ^ 1);
    }
  };
  const nextUs = (endUs: bigint) =>
    sides
      .map(({ time }) => time.deadline() ?? endUs)
      .reduce((first, us) => (us < first ? us : first), endUs);
  return {
    client,
    server,
    settle,
    pass(ms) {
      const endUs = nowUs + BigInt(ms) * 1000n;
      for (;;) {
        settle();
        if (nowUs >= endUs) return;
        const next = nextUs(endUs);
        nowUs = next > nowUs ? next : nowUs + 1000n;
        for (const { time } of sides) time.advance(nowUs);
      }
    },
  };
}

/** A connection between the two: its handle on each side, and the listener's. */
export function connectPair({ client, server, settle }: Pair, port = 7) {
  const listener = server.library.tcp.listen(undefined, port, 4);
  const near = client.library.tcp.connect(endpoint(server.address, port), undefined, 0);
  settle();
  const far = server.library.tcp.accept(listener);
  return { near, far, listener };
}
