// The names of the services and the ports they have unless told otherwise. Kept apart from the
// services themselves, so that the command line can be checked without loading them.

/** Default ports; echo, discard and chargen have theirs from RFC 862, 863 and 864. */
export const defaultPorts = {
  hello: 8000,
  echo: 7,
  discard: 9,
  chargen: 19,
  http: 8080,
} as const;

export type ServiceName = keyof typeof defaultPorts;

export const serviceNames = Object.keys(defaultPorts) as readonly ServiceName[];

export function isServiceName(word: string): word is ServiceName {
  return Object.hasOwn(defaultPorts, word);
}
