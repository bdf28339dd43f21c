// A small SSH server made of ssh2: one user with a password or a key, a few commands, a shell that echoes, files
// in memory over SFTP, and ports forwarded in both directions on the side where it runs.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";
import ssh2 from "ssh2";
import type {
  AuthContext,
  Connection,
  ServerChannel,
  Session,
  SFTPWrapper,
  TcpipRequestInfo,
} from "ssh2";
import type { World } from "./world.js";

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

export const USER = "mote";
export const PASSWORD = "a word that passes";

export interface SshServer {
  readonly port: number;
  /** Files that clients have put, by their path. */
  readonly files: Map<string, Buffer>;
  /** Addresses from which clients came. */
  readonly clients: { readonly ip: string; readonly port: number }[];
}

/** Node's own: of those that ssh2 makes, it cannot read every one. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}

/** `allowedKey`: a private key, as somebody who has it may come in. */
export async function startSshServer(world: World, allowedKey = ""): Promise<SshServer> {
  const hostKeys = [newKey()];
  const files = new Map<string, Buffer>();
  const clients: { ip: string; port: number }[] = [];
  const ssh = new ssh2.Server({ hostKeys }, (connection, { ip, port }) => {
    clients.push({ ip, port });
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => decide(context, allowedKey));
    connection.on("session", (accept) => serveSession(accept(), files));
    connection.on("tcpip", (accept, _reject, info) => void forwardTo(world, accept(), info));
    connection.on("request", (accept, _reject, name, info) => {
      if (name === "tcpip-forward") {
        void forwardFrom(world, connection, info.bindPort, (port) => accept?.(port));
      }
    });
  });
  const server = world.server.net.createServer({ noDelay: true }, (socket) =>
    ssh.injectSocket(socket),
  );
  server.listen(0, world.server.address);
  await once(server, "listening");
  world.defer(() => new Promise((resolve) => server.close(resolve)));
  return { port: portOf(server), files, clients };
}

const portOf = (server: NetServer): number => (server.address() as AddressInfo).port;

function decide(context: AuthContext, allowedKey: string): void {
  if (context.username !== USER) return context.reject();
  if (context.method === "password" && context.password === PASSWORD) return context.accept();
  if (context.method !== "publickey") return context.reject(["password", "publickey"]);
  const allowed = ssh2.utils.parseKey(allowedKey);
  if (allowed instanceof Error || !allowed.getPublicSSH().equals(context.key.data)) {
    return context.reject();
  }
  // Without a signature it is only asked whether this key would do.
  const { signature, blob, hashAlgo } = context;
  if (!signature || !blob) return context.accept();
  return allowed.verify(blob, signature, hashAlgo) === true ? context.accept() : context.reject();
}

function serveSession(session: Session, files: Map<string, Buffer>): void {
  let size = "";
  session.on("pty", (accept, _reject, { cols, rows }) => {
    size = `${cols}x${rows}`;
    accept?.();
  });
  session.on("window-change", (accept, _reject, { cols, rows }) => {
    size = `${cols}x${rows}`;
    accept?.();
  });
  session.on("shell", (accept) => serveShell(accept(), () => size));
  session.on("exec", (accept, _reject, { command }) => runCommand(accept(), command));
  session.on("sftp", (accept) => serveFiles(accept(), files));
}

/** Echoes lines; "size" and "exit" are commands. */
function serveShell(stream: ServerChannel, size: () => string): void {
  stream.write("> ");
  stream.on("data", (bytes: Buffer) => {
    for (const line of String(bytes).split("\n").slice(0, -1)) {
      if (line === "exit") {
        stream.exit(0);
        stream.end();
      } else stream.write(`${line === "size" ? size() : line}\n> `);
    }
  });
}

function runCommand(stream: ServerChannel, command: string): void {
  if (command === "cat") {
    stream.pipe(stream).on("finish", () => stream.exit(0));
    return;
  }
  stream.stderr.write(`there is no ${command}\n`);
  stream.exit(127);
  stream.end();
}

/** A client asks for a connection from here. */
async function forwardTo(
  world: World,
  channel: ServerChannel,
  info: TcpipRequestInfo,
): Promise<void> {
  const socket = world.server.net.connect({ host: info.destIP, port: info.destPort });
  socket.on("error", () => channel.close());
  channel.on("error", () => socket.destroy());
  channel.pipe(socket).pipe(channel);
}

/** A client asks for the connections that come to a port here. */
async function forwardFrom(
  world: World,
  connection: Connection,
  bindPort: number,
  ready: (port: number) => void,
): Promise<void> {
  const { address } = world.server;
  const server = world.server.net.createServer((socket) => {
    const { remoteAddress = "", remotePort = 0 } = socket;
    connection.forwardOut(address, portOf(server), remoteAddress, remotePort, (error, channel) => {
      if (error) socket.destroy();
      else socket.pipe(channel).pipe(socket);
    });
  });
  connection.once("close", () => server.close());
  server.listen(bindPort, address);
  await once(server, "listening");
  ready(portOf(server));
}

interface OpenFile {
  readonly path: string;
  bytes: Buffer;
}

/** What fastPut() and fastGet() need. */
function serveFiles(sftp: SFTPWrapper, files: Map<string, Buffer>): void {
  const opened: OpenFile[] = [];
  const fileOf = (handle: Buffer): OpenFile => opened[handle.readUInt32BE()]!;
  sftp.on("OPEN", (id, path, flags) => {
    const isNew = (flags & OPEN_MODE.CREAT) !== 0;
    if (!isNew && !files.has(path)) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(
      opened.push({ path, bytes: isNew ? Buffer.alloc(0) : files.get(path)! }) - 1,
    );
    return sftp.handle(id, handle);
  });
  sftp.on("WRITE", (id, handle, offset, data) => {
    const file = fileOf(handle);
    if (file.bytes.length < offset + data.length) {
      file.bytes = Buffer.concat([file.bytes], offset + data.length);
    }
    data.copy(file.bytes, offset);
    sftp.status(id, STATUS_CODE.OK);
  });
  sftp.on("READ", (id, handle, offset, length) => {
    const { bytes } = fileOf(handle);
    if (offset >= bytes.length) return sftp.status(id, STATUS_CODE.EOF);
    return sftp.data(id, bytes.subarray(offset, offset + length));
  });
  const attributes = (bytes: Buffer) => {
    return { mode: 0o100_644, uid: 0, gid: 0, size: bytes.length, atime: 0, mtime: 0 };
  };
  sftp.on("FSTAT", (id, handle) => sftp.attrs(id, attributes(fileOf(handle).bytes)));
  sftp.on("STAT", (id, path) => {
    const bytes = files.get(path);
    if (bytes === undefined) sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    else sftp.attrs(id, attributes(bytes));
  });
  sftp.on("FSETSTAT", (id) => sftp.status(id, STATUS_CODE.OK));
  sftp.on("CLOSE", (id, handle) => {
    const { path, bytes } = fileOf(handle);
    files.set(path, bytes);
    sftp.status(id, STATUS_CODE.OK);
  });
}
