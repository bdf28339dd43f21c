// Ports of the host for ports of a stack: which number to take, and what to say when it is not to be had.

const PRIVILEGED_PORTS = 1024;
const PRIVILEGED_SHIFT = 8000;
const PORTS_TRIED = 200;

/** The number a port gets on the host when nobody asks for another. */
export function defaultHostPort(port: number): number {
  return port < PRIVILEGED_PORTS ? port + PRIVILEGED_SHIFT : port;
}

/** Opens the port that was asked for, or the first free one from the default on; the port that was got. */
export async function openHostPort(
  address: string,
  port: number,
  asked: number | undefined,
  open: (hostPort: number) => Promise<number>,
): Promise<number> {
  const first = asked ?? defaultHostPort(port);
  const tries = asked === undefined ? PORTS_TRIED : 1;
  for (let tried = 0; tried < tries && first + tried < 65536; tried++) {
    try {
      return await open(first + tried);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || asked !== undefined)
        throw portError(code, address, first, cause);
    }
  }
  throw portError("EADDRINUSE", address, first, undefined);
}

const PORT_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use on this machine; choose another number",
  EACCES: "may not be opened by this user; choose a number of 1024 or more",
};

function portError(code = "EIO", address: string, port: number, cause: unknown): Error {
  const advice = PORT_ADVICE[code] ?? `cannot be opened (${code})`;
  const error = new Error(`port ${port} on ${address} ${advice}`, { cause });
  return Object.assign(error, { code, address, port });
}
