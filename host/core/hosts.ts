// Names that a program gives its stack: answered before localhost, our own name and any server.

import { isAddress } from "./address.js";
import { asciiName, plainName } from "./lookup.js";

/** Addresses by name, as in `{ db: "198.18.0.2" }`. */
export type Hosts = Readonly<Record<string, string | readonly string[]>>;

export type HostTable = ReadonlyMap<string, readonly string[]>;

const keyOf = (name: string) => plainName(asciiName(name));

/** The table behind `hosts`. Throws EINVAL, which names the entry. */
export function readHosts(hosts: Hosts = {}): HostTable {
  const table = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(hosts)) {
    const plain = keyOf(name);
    if (plain === "" || isAddress(plain)) throw invalid(name, "that is no name");
    const addresses: unknown[] = Array.isArray(given) ? [...given] : [given];
    if (addresses.length === 0) throw invalid(name, "there is no address in its list");
    const strange = addresses.find((each) => typeof each !== "string" || !isAddress(each));
    if (strange !== undefined) {
      throw invalid(name, `${JSON.stringify(strange)} is not an IPv4 address like 198.18.0.2`);
    }
    table.set(plain, addresses as string[]);
  }
  return table;
}

/** What the table says; null: nothing. */
export function askHosts(table: HostTable, name: string): string[] | null {
  const found = table.size === 0 ? undefined : table.get(keyOf(name));
  return found === undefined ? null : [...found];
}

function invalid(name: string, problem: string): Error {
  const text = `the option hosts, name ${JSON.stringify(name)}: ${problem}`;
  return Object.assign(new Error(text), { code: "EINVAL" });
}
