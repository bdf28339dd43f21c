// The library as JavaScript, made by jco of its component, with the types of its interfaces as far as tests use them.
// A call whose result is an error throws an object with the error's name as `payload`.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadTool } from "../../boards/support/native.js";
import { fromRoot, type Profile } from "../../static/support/module.js";

export type Address =
  | { tag: "ipv4"; val: readonly [number, number, number, number] }
  | { tag: "ipv6"; val: readonly number[] };

export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

export interface Build {
  readonly profile: Profile;
  readonly moduleSha256: string;
  readonly abiVersion: number;
  readonly memoryBytes: number;
  readonly frameBytes: number;
  readonly interfaces: number;
  readonly connections: number;
  readonly listeners: number;
  readonly sockets: number;
  readonly receiveRingBytes: number;
  readonly sendRingBytes: number;
}

export interface ConnectionInfo {
  readonly state: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly error: string | undefined;
  readonly iss: number;
  readonly irs: number;
  readonly sndUna: number;
  readonly sndNxt: number;
  readonly sndWnd: number;
  readonly rcvNxt: number;
  readonly rcvWnd: number;
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly srttUs: number;
  readonly sendQueue: number;
  readonly receiveQueue: number;
}

export interface Datagram {
  readonly source: Endpoint;
  readonly hops: number;
  readonly toMany: boolean;
  readonly data: Uint8Array;
}

export interface PoolLevel {
  readonly pool: string;
  readonly used: number;
  readonly most: number;
  readonly capacity: number;
}

type Mac = readonly [number, number, number, number, number, number];

export interface Library {
  readonly about: { version(): Build };
  readonly lifecycle: { initialise(): void; seed(entropy: Uint8Array): void };
  readonly time: { advance(us: bigint): void; deadline(): bigint | undefined; expire(): boolean };
  readonly network: {
    configure(index: number, mac: Mac, mtu: number): number;
    setLink(index: number, up: boolean): void;
    setRouter(index: number, router: Address | undefined): void;
    addAddress(index: number, address: Address, prefixLength: number, detect: boolean): number;
    removeAddress(address: number): void;
    state(address: number): string;
  };
  readonly frames: {
    receive(index: number, frame: Uint8Array): Uint8Array | undefined;
    transmit(index: number): Uint8Array | undefined;
  };
  readonly tcp: {
    listen(address: number | undefined, port: number, backlog: number): number;
    accept(listener: number): number;
    connect(remote: Endpoint, address: number | undefined, localPort: number): number;
    room(connection: number): number;
    write(connection: number, data: Uint8Array): number;
    writeUrgent(connection: number, data: Uint8Array): number;
    read(connection: number, limit: number): Uint8Array | undefined;
    peek(connection: number, limit: number): Uint8Array | undefined;
    discard(connection: number, limit: number): number | undefined;
    shutdown(connection: number): void;
    close(handle: number): void;
    abort(handle: number): void;
    info(handle: number): ConnectionInfo;
  };
  readonly udp: {
    bind(address: number | undefined, port: number): number;
    localPort(socket: number): number;
    connect(socket: number, peer: Endpoint | undefined): void;
    send(socket: number, to: Endpoint | undefined, data: Uint8Array): void;
    receive(socket: number): Datagram;
    join(index: number, group: Address): void;
    leave(index: number, group: Address): void;
    close(socket: number): void;
  };
  readonly events: { next(): number | undefined; take(handle: number): Record<string, boolean> };
  readonly options: {
    set(handle: number | undefined, name: string, value: number): void;
    get(handle: number | undefined, name: string): number;
  };
  readonly inspect: {
    pools(): PoolLevel[];
    counters(): Uint32Array;
    constant(id: number): number;
    readMemory(at: number, length: number): Uint8Array;
  };
}

/** Interface core: calls with numbers, and the core's memory by 8 bytes. */
export interface CoreComponent {
  readonly core: {
    constant(id: number): number;
    load(at: number): bigint;
    store(at: number, value: bigint): void;
    digest(part: number): bigint;
  };
}

interface Files {
  readonly core: string;
  readonly library: string;
  readonly selfTest: string;
  readonly script: string;
  readonly coreScript: string;
}

interface Builder {
  componentFiles(profile: string): Files;
}

interface Provide {
  provideComponents(): Promise<boolean>;
  provideWasmtime(): string;
}

const { provideComponents, provideWasmtime } = (await loadTool(
  "tools/lib/component/provide.mjs",
)) as Provide;
export { provideWasmtime };
await provideComponents();

const { componentFiles } = (await loadTool("tools/lib/component/build.mjs")) as Builder;

/** Files of a profile, from the root. */
export const filesOf = (profile: Profile): Files => componentFiles(profile);

interface Script {
  instantiate(core: (name: string) => WebAssembly.Module, imports: object): unknown;
}

const compiled = new Map<string, WebAssembly.Module>();

async function instantiate(path: string): Promise<unknown> {
  const script = (await import(pathToFileURL(fromRoot(path)).href)) as Script;
  const folder = dirname(fromRoot(path));
  const moduleOf = (name: string) => {
    const file = join(folder, name);
    const module = compiled.get(file) ?? new WebAssembly.Module(readFileSync(file));
    compiled.set(file, module);
    return module;
  };
  return script.instantiate(moduleOf, {});
}

/** A fresh instance of the library. */
export const createLibrary = async (profile: Profile) =>
  (await instantiate(filesOf(profile).script)) as Library;

/** A fresh instance of the core with its boundary alone. */
export const createCoreComponent = async (profile: Profile) =>
  (await instantiate(filesOf(profile).coreScript)) as CoreComponent;

/** The name of the error that a call throws; undefined: it does not. Other errors, as traps, are thrown on. */
export function errorOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    if (typeof payload !== "string") throw error;
    return payload;
  }
  return undefined;
}

export const ipv4 = (text: string): Address => {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return { tag: "ipv4", val: [a, b, c, d] };
};
