// Names: our own, those of services, and those that are looked up. The core asks and answers (RFC 1035,
// 6762, 6763); here names cross, and lookups wait for their events.

import { parseAddress } from "./address.js";
import { optionalCall, type Core } from "./core.js";
import { check, checkPort, stackError, type ErrorPlace } from "./errors.js";
import { Constant, Errno, Event } from "./generated/abi.js";
import { askHosts, type HostTable } from "./hosts.js";
import {
  asciiName,
  localAnswer,
  lookupCode,
  lookupError,
  readLookup,
  type LookupError,
} from "./lookup.js";

/** What names need of their stack. */
export interface NamesOwner {
  readonly core: Core;
  readonly hosts: HostTable;
  enter(): void;
  work(): void;
  checkOpen(syscall: string): void;
  after(delayMs: number, callback: () => void): () => void;
}

/** Takes what was found; `error` is null, or a LookupError and there are no addresses. */
export type OnLookup = (error: LookupError | null, addresses: string[]) => void;

interface Waiting {
  readonly name: string;
  readonly done: OnLookup;
}

/** Name servers that a host can name. */
const NAME_SERVERS = 2;

export type Names = ReturnType<typeof createNames>;

export function createNames(owner: NamesOwner) {
  const waiting = new Map<number, Waiting>();
  const published = new Set<string>();

  function putName(text: string, place: ErrorPlace): number {
    const length = owner.core.putName(text);
    if (length < 0) throw stackError(Errno.EINVAL, place);
    return length;
  }

  function setHostName(name: string): void {
    const place = { syscall: "hostname", address: name };
    owner.checkOpen(place.syscall);
    const call = optionalCall(owner.core, "hostName", place);
    owner.enter();
    check(call(putName(name, place)), place);
    owner.work();
  }

  function publish(type: string, port: number): void {
    const place = { syscall: "publish", address: type, port };
    owner.checkOpen(place.syscall);
    const call = optionalCall(owner.core, "publish", place);
    checkPort(port, place);
    owner.enter();
    check(call(putName(type, place), port), place);
    if (port === 0) published.delete(type);
    else published.add(type);
    owner.work();
  }

  function setNameServers(addresses: readonly string[]): void {
    const place = { syscall: "nameserver" };
    owner.checkOpen(place.syscall);
    const call = optionalCall(owner.core, "nameServer", place);
    if (addresses.length > NAME_SERVERS) throw stackError(Errno.EINVAL, place);
    const parsed = addresses.map(parseAddress);
    owner.enter();
    for (let index = 0; index < NAME_SERVERS; index++) {
      const bytes = parsed[index];
      check(call(index, bytes === undefined ? 0 : owner.core.putAddress(bytes)), place);
    }
    owner.work();
  }

  const answerHere = (name: string): string[] | null =>
    askHosts(owner.hosts, name) ?? localAnswer(owner.core, name, readHostName(owner.core));

  /** Asks the core; throws a LookupError. The result cancels. */
  function ask(name: string, done: OnLookup): () => void {
    const { core } = owner;
    const call = optionalCall(core, "resolve", { syscall: "lookup", address: name });
    owner.enter();
    const length = core.putName(asciiName(name));
    const handle = length <= 0 ? -Errno.EINVAL : call(length);
    if (handle < 0) throw lookupError(lookupCode(-handle), name);
    waiting.set(handle, { name, done });
    owner.work();
    return () => {
      if (waiting.delete(handle)) end(handle);
    };
  }

  function end(handle: number): void {
    owner.enter();
    owner.core.exports.close(handle);
    owner.work();
  }

  function resolve(name: string, done: OnLookup): () => void {
    owner.checkOpen("lookup");
    const here = answerHere(name);
    return here === null ? ask(name, done) : owner.after(0, () => done(null, here));
  }

  async function lookup(name: string): Promise<string[]> {
    owner.checkOpen("lookup");
    const here = answerHere(name);
    if (here !== null) return here;
    return new Promise((found, fail) => {
      ask(name, (error, addresses) => (error === null ? found(addresses) : fail(error)));
    });
  }

  /** Events of a lookup; false: the handle is of something else. */
  function deliver(handle: number, events: number): boolean {
    const lookedUp = waiting.get(handle);
    if (lookedUp === undefined) return false;
    if ((events & (Event.READABLE | Event.ERROR)) === 0) return true;
    const { addresses, error } = readLookup(owner.core, handle);
    waiting.delete(handle);
    owner.core.exports.close(handle);
    const { name, done } = lookedUp;
    if (events & Event.ERROR) done(lookupError(lookupCode(error), name), []);
    else done(null, addresses);
    return true;
  }

  /** The stack is being closed: whoever still waits for a name hears so. */
  function close(): void {
    const left = [...waiting.values()];
    waiting.clear();
    for (const { name, done } of left) done(lookupError("ECANCELLED", name), []);
  }

  /** Tells of no service any more; false: it told of none. */
  function silence(): boolean {
    const any = published.size > 0;
    for (const type of published) publish(type, 0);
    return any;
  }

  return { setHostName, publish, setNameServers, resolve, lookup, deliver, close, silence };
}

/** Our name; "": none was given, or the build has none. */
export function readHostName({ constant, memory }: Core): string {
  const at = constant(Constant.HOST_NAME);
  const length = at === 0 ? 0 : memory[at]!;
  return String.fromCharCode(...memory.subarray(at + 1, at + 1 + length));
}
