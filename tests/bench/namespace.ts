// The network namespace of the bench: this process runs itself again under unshare, so that every
// TAP device and every packet ends with it. As root `unshare --net`, else with a user namespace.

import { spawn } from "node:child_process";
import { accessSync, constants as fileModes, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { BenchError } from "./arguments.js";

const MARK = "MOTE_BENCH_NAMESPACE";
const TUN = "/dev/net/tun";
/** Kernel limits and slow machines included; measuring itself is bounded much lower. */
const LIMIT_MS = 170_000;
/** Exit code after Ctrl-C, as shells know it. */
const INTERRUPTED = 130;

export function insideNamespace(): boolean {
  return process.env[MARK] === "1";
}

/** Runs this program again with the same arguments in a new namespace; its exit code. */
export async function runInNamespace(script: string, words: string[]): Promise<number> {
  checkTunDevice();
  const flags = isRoot() ? ["--net"] : ["--map-root-user", "--net"];
  const child = spawn(
    "unshare",
    [...flags, "--kill-child", process.execPath, fileURLToPath(script), ...words],
    { stdio: ["pipe", "inherit", "inherit"], env: { ...process.env, [MARK]: "1" } },
  );
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  // unshare itself ignores these signals; the end of its input is what ends the process inside.
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.stdin.end();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const [code, signal] = await ended(child);
    if (late) throw new BenchError(`the bench took more than ${LIMIT_MS / 1000} s and was ended`);
    if (interrupted) return INTERRUPTED;
    return code ?? 128 + constants.signals[signal ?? "SIGKILL"];
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** Inside: ends with the process outside, however that ended. */
export function endWithParent(): void {
  process.stdin.on("end", () => process.exit(1)).resume();
  process.stdin.unref();
}

/** Sets up the Linux side, as far as /proc/sys may be written, which it may not in some containers. */
export function prepareLinux(): void {
  // Each connect leaves a port in TIME-WAIT: the count of connects stays below the default range otherwise.
  setting("ip_local_port_range", "1024 65535");
  // iperf3 chooses another (-C) once it is connected, and what BBR has begun to pace stays paced. Every namespace may have reno.
  setting("tcp_congestion_control", "reno");
}

function setting(name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv4/${name}`, value);
  } catch {
    // As it was.
  }
}

/** cubic where this process may choose it, else what the machine uses by itself. */
export function congestionControl(): string {
  const list = (name: string) => {
    const text = readFileSync(`/proc/sys/net/ipv4/tcp_${name}_congestion_control`, "utf8");
    return text.trim().split(/\s+/);
  };
  const usable = isRoot() ? list("available") : list("allowed");
  return usable.includes("cubic") ? "cubic" : "default";
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function ended(child: ReturnType<typeof spawn>): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      reject(
        new BenchError(
          missing
            ? "unshare is not installed (Debian and Ubuntu: apt install util-linux)"
            : `unshare: ${error.message}`,
        ),
      );
    });
    child.on("exit", (code, signal) => resolve([code, signal]));
  });
}

function checkTunDevice(): void {
  if (process.platform !== "linux") {
    throw new BenchError(
      `the bench needs Linux (TAP devices and network namespaces), this is ${process.platform}; ` +
        "npm run bench -- --micro runs everywhere",
    );
  }
  try {
    accessSync(TUN, fileModes.R_OK | fileModes.W_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new BenchError(
      code === "ENOENT"
        ? `${TUN} is missing: load the module (sudo modprobe tun), or give the container the ` +
            "device (--device /dev/net/tun --cap-add NET_ADMIN)"
        : `${TUN} may not be opened by this user (${code}): run the bench with sudo`,
    );
  }
}
