// PostgreSQL and Redis as programs of their own, one for each test file that asks for it: on loopback and, in a
// namespace, on the address of the TAP device that comes and goes. Where a stack serves, it relays to them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { cleanEnvironment } from "../../command/support/process.js";
import { program, startDaemon } from "../../interop/support/daemon.js";
import { skip as whyNoNamespace } from "../../interop/support/namespace.js";
import { fromRoot } from "../../static/support/module.js";
import type { Certificate } from "../../command/support/certificate.js";
import type { World } from "./world.js";

/** All addresses of the namespace; of a machine that others use only loopback. */
const LISTEN = whyNoNamespace === false ? "0.0.0.0" : "127.0.0.1";
/** What ends with the file, and not with the test that asked first; the latest first. */
const atTheEnd: (() => unknown)[] = [];
after(async () => {
  for (const work of atTheEnd) await work();
});
const wholeFile = {
  after: (work: () => unknown) => void atTheEnd.unshift(work),
} as unknown as TestContext;

export interface Where {
  readonly host: string;
  readonly port: number;
}

/** Where the client of a world finds a program that listens on Linux. */
export async function whereIs(world: World, port: number): Promise<Where> {
  const { server } = world;
  if (server.stack === null) return { host: server.address, port };
  const options = { allowHalfOpen: true, noDelay: true };
  const relay = server.net.createServer(options, (near) => {
    const far = connect({ ...options, port, host: "127.0.0.1" });
    passOn(near, far);
    passOn(far, near);
  });
  relay.listen(0, server.address);
  await once(relay, "listening");
  world.defer(() => new Promise((resolve) => relay.close(resolve)));
  return { host: server.address, port: (relay.address() as AddressInfo).port };
}

function passOn(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.resetAndDestroy());
  from.on("close", () => to.destroySoon());
}

/** null, and the test is skipped: it is not there. */
function orSkip<Found>(t: TestContext, found: Found | null, debianPackage: string): Found | null {
  if (found !== null) return found;
  const advice = `${debianPackage} is missing; npm run setup:system brings it`;
  assert.notEqual(process.env["MOTE_REQUIRE"], "all", advice);
  t.skip(advice);
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LISTEN);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function folderOfFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  wholeFile.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// PostgreSQL.

/** Debian keeps its programs apart, by version; the newest. null: there is none. */
function postgresFolder(): string | null {
  const places = ["/usr/lib/postgresql", fromRoot("build/system/usr/lib/postgresql")];
  const found = places
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place).map((version) => ({ place, version })))
    .sort((a, b) => Number(b.version) - Number(a.version))
    .map(({ place, version }) => join(place, version, "bin"));
  return found.find((folder) => existsSync(join(folder, "postgres"))) ?? null;
}

/** It refuses to run as root: there it is somebody else, in a user namespace of its own, whose files are ours. */
const SOMEBODY = process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1000"] : [];
/** Such a namespace may have unset that it ends with us. */
const WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"];

const SETTINGS = {
  listen_addresses: LISTEN,
  unix_socket_directories: "",
  fsync: "off",
  shared_buffers: "16MB",
  max_connections: "40",
  autovacuum: "off",
};

let postgres: Promise<number> | null = null;

/** Starts it, when first asked for; its port, any without `wanted`. With a certificate it takes TLS, too. */
export async function postgresFor(
  t: TestContext,
  tls: Certificate | null,
  wanted?: number,
): Promise<number | null> {
  const folder = orSkip(t, postgresFolder(), "postgresql");
  return folder === null ? null : (postgres ??= startPostgres(folder, tls, wanted));
}

async function startPostgres(
  programs: string,
  tls: Certificate | null,
  wanted?: number,
): Promise<number> {
  const data = join(folderOfFile(), "data");
  const port = wanted ?? (await freePort());
  // Its libraries, should it only have been unpacked.
  const words = program("postgres");
  const environment = words.slice(0, -1);
  const as = (name: string) => [...environment, ...SOMEBODY, ...WITH_US, join(programs, name)];
  const [first = "", ...rest] = as("initdb");
  const how = ["--auth=trust", "--username=mote", "--encoding=UTF8", "--locale=C", "--no-sync"];
  execFileSync(first, [...rest, "-D", data, ...how], { env: cleanEnvironment(), stdio: "pipe" });
  appendFileSync(join(data, "pg_hba.conf"), "host all all 0.0.0.0/0 trust\n");
  if (tls !== null) {
    writeFileSync(join(data, "server.key"), tls.key, { mode: 0o600 });
    writeFileSync(join(data, "server.crt"), tls.cert);
  }
  const settings = { ...SETTINGS, port: String(port), ssl: tls === null ? "off" : "on" };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  await startDaemon(wholeFile, [...as("postgres"), "-D", data, ...options], /ready to accept/);
  return port;
}

// Redis.

let redis: Promise<number> | null = null;

/** The same for Redis. */
export async function redisFor(t: TestContext, wanted?: number): Promise<number | null> {
  const words = program("redis-server");
  const path = words.at(-1)!;
  const folders = (process.env["PATH"] ?? "").split(":");
  const isThere = existsSync(path) || folders.some((folder) => existsSync(join(folder, path)));
  return orSkip(t, isThere ? words : null, "redis-server") && (redis ??= startRedis(words, wanted));
}

async function startRedis(words: readonly string[], wanted?: number): Promise<number> {
  const port = wanted ?? (await freePort());
  const settings = ["--port", String(port), "--bind", LISTEN, "--protected-mode", "no"];
  const memory = ["--save", "", "--appendonly", "no", "--dir", folderOfFile()];
  await startDaemon(wholeFile, [...words, ...settings, ...memory], /Ready to accept connections/);
  return port;
}
