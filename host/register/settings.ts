// What a registered program's stack is attached to, as the environment says it.

/** How the stack is attached. */
export interface LinkSettings {
  readonly tapName: string;
  /** The host's side of the device; null: it is left as it is. */
  readonly hostAddress: string | null;
  readonly addresses: readonly string[];
  readonly router: string | undefined;
  readonly nameServers: readonly string[];
}

const LINK = "MOTE_LINK";
const ADDRESSES = "MOTE_ADDRESSES";
const ROUTER = "MOTE_ROUTER";
const NAME_SERVERS = "MOTE_NAME_SERVERS";

/** Without MOTE_ADDRESSES: this block, whose other address is the host's. */
const STACK_ADDRESS = "198.18.0.2/30";
const HOST_ADDRESS = "198.18.0.1/30";

/** null: no link, loopback alone. Throws EINVAL for what makes no sense. */
export function linkSettings(environment: NodeJS.ProcessEnv): LinkSettings | null {
  const link = environment[LINK] ?? "";
  if (link === "") {
    const alone = [ADDRESSES, ROUTER, NAME_SERVERS].find((name) => environment[name]);
    if (alone === undefined) return null;
    throw invalid(`${alone} is set, and ${LINK} is not: say which link the stack has`);
  }
  const [, tapName] = /^tap:(.+)$/.exec(link) ?? [];
  if (tapName === undefined) throw invalid(`${LINK}=${link}: expected tap:NAME, as in tap:mote0`);
  const addresses = words(environment[ADDRESSES]);
  const isUsual = addresses.length === 0;
  return {
    tapName,
    hostAddress: isUsual ? HOST_ADDRESS : null,
    addresses: isUsual ? [STACK_ADDRESS] : addresses,
    router: environment[ROUTER] || (isUsual ? HOST_ADDRESS.replace(/\/.*/, "") : undefined),
    nameServers: words(environment[NAME_SERVERS]),
  };
}

const words = (text = "") => text.split(",").filter((word) => word.trim() !== "");

function invalid(text: string): Error {
  return Object.assign(new Error(`motetcp/register: ${text}`), { code: "EINVAL" });
}
