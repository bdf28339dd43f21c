// A lock between processes: a folder that mkdir makes atomically, with the owner's process id in
// it. The owner touches the folder every second, so that a lock left behind by a dead process, on
// this machine or another that shares the disk, is recognised and taken over.

import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const HEARTBEAT_MS = 1_000;
const SILENT_MS = 60_000; // without a heartbeat for so long, the owner is taken for dead
const NEWBORN_MS = 5_000; // the owner has made the folder and not yet written its name
const POLL_MS = 100;

/** Runs `work` while holding the lock; `onWait` is told once which process holds it. */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (let told = false; !tryAcquire(path);) {
    if (removeIfStale(path)) continue;
    if (!told) onWait(readOwner(path)?.pid);
    told = true;
    await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { recursive: true, force: true });
  }
}

function tryAcquire(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(path, "owner"), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

function readOwner(path) {
  try {
    return JSON.parse(readFileSync(join(path, "owner"), "utf8"));
  } catch {
    return undefined;
  }
}

function silenceMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0; // gone in the meantime
  }
}

function isStale(path) {
  const owner = readOwner(path);
  const silence = silenceMs(path);
  if (owner === undefined) return silence > NEWBORN_MS;
  if (silence > SILENT_MS) return true;
  return owner.host === hostname() && !isAlive(owner.pid);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Removing needs a lock of its own: else two waiters may both see the dead owner, and the slower
 * one removes the lock that the faster one has just taken.
 */
function removeIfStale(path) {
  if (!isStale(path)) return false;
  const guard = `${path}.takeover`;
  try {
    mkdirSync(guard);
  } catch {
    if (silenceMs(guard) > NEWBORN_MS) rmSync(guard, { recursive: true, force: true });
    return false;
  }
  try {
    if (isStale(path)) rmSync(path, { recursive: true, force: true });
    return true;
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The folder was removed by hand: nothing to keep alive.
  }
}
