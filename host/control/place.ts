// Where control sockets are: in $XDG_RUNTIME_DIR/motetcp, or where that is not set in a folder of this user's below
// the system's temporary folder. Whoever reaches a socket may ask its stack everything, so folder and socket must be
// this user's, and no one else's: what is not so is refused by servers and clients alike.

import { lstatSync, mkdirSync, readdirSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { controlError } from "./protocol.js";

const FOLDER = "motetcp";
const SUFFIX = ".sock";
/** macOS has room for 104 bytes with the zero at the end, Linux for four more. */
export const MOST_PATH_BYTES = 103;
const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/i;

export function isStackName(name: string): boolean {
  return NAME.test(name);
}

export function controlFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  // What is not absolute is to be ignored, says the XDG base directory specification.
  if (isAbsolute(runtime)) return join(runtime, FOLDER);
  return join(tmpdir(), `${FOLDER}-${ownUid()}`);
}

/** The socket of a name. Throws EINVAL, ENAMETOOLONG. */
export function socketPath(folder: string, name: string): string {
  if (!isStackName(name)) {
    const form = "1 to 32 letters, digits, dots, hyphens and underscores, a letter or digit first";
    throw controlError("EINVAL", `a stack's name is ${form}, not "${name.slice(0, 64)}"`);
  }
  const path = join(folder, `${name}${SUFFIX}`);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MOST_PATH_BYTES) return path;
  throw controlError(
    "ENAMETOOLONG",
    `the control socket ${path} has a path of ${bytes} bytes, and ${MOST_PATH_BYTES} is what systems take; ` +
      "a shorter name helps, or a shorter XDG_RUNTIME_DIR",
  );
}

/** Makes the folder where it is missing, and checks it. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    const text = `the folder of control sockets ${folder} cannot be made: ${code}`;
    if (code !== "EEXIST") throw controlError(code, text, error);
  }
  if (!checkFolder(folder))
    throw controlError("ENOENT", `the folder of control sockets ${folder} has gone`);
}

/** False: there is none. Throws EPERM, ENOTDIR: it is not this user's alone. */
export function checkFolder(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const what = `the folder of control sockets ${folder}`;
  if (!stats.isDirectory()) throw controlError("ENOTDIR", `${what} is no folder`);
  checkOwner(stats, what);
  if ((stats.mode & 0o077) === 0) return true;
  throw controlError("EPERM", `${what} is open to others; run: chmod 700 ${folder}`);
}

/** Null: there is nothing. Throws EPERM, ENOTSOCK: it is not what a stack of this user's has made. */
export function checkSocket(path: string): Stats | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const what = `the control socket ${path}`;
  if (!stats.isSocket()) throw controlError("ENOTSOCK", `${what} is no socket`);
  checkOwner(stats, what);
  // Writing is what connecting takes.
  if ((stats.mode & 0o022) === 0) return stats;
  throw controlError("EPERM", `${what} is open to others; run: chmod 600 ${path}`);
}

/** Names of the sockets that are there, whether or not anybody listens. */
export function namesIn(folder: string): string[] {
  if (!checkFolder(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter(isStackName)
    .sort();
}

function checkOwner({ uid }: Stats, what: string): void {
  if (uid === ownUid()) return;
  throw controlError("EPERM", `${what} belongs to somebody else (user ${uid}): refused`);
}

function ownUid(): number {
  const uid = process.geteuid?.();
  if (uid !== undefined) return uid;
  throw controlError("ENOTSUP", `there are no control sockets on ${process.platform}`);
}
