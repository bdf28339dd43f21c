// Runs the test file that imports this in a network namespace of its own: the process starts
// itself again under unshare and passes results through. Inside, the file's own sockets, the
// programs it starts and the TAP device all belong to that namespace, and all of it ends with the
// process. Where no TAP device can be had, `skip` says why.

import { execFileSync, spawn } from "node:child_process";
import { whyNoTap } from "../../host/support/namespace.js";
import { tune } from "../../host/support/tune.js";

const MARK = "MOTE_INTEROP_NAMESPACE";

/** For the tests' options: false inside a namespace, else the reason. */
export const skip: string | false = process.env[MARK] === "1" ? settle() : await enter();

async function enter(): Promise<string> {
  const reason = whyNoTap();
  if (reason !== false) return reason;
  const flags = process.getuid?.() === 0 ? ["--net"] : ["-rn"];
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // Its standard input ends with this process, however that ends, and so does the process inside.
  const child = spawn("unshare", [...flags, "--kill-child", ...again], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, [MARK]: "1" },
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => resolve(status ?? 1));
  });
  process.exit(code);
}

function settle(): false {
  process.stdin.on("end", () => process.exit(1)).resume();
  (process.stdin as unknown as { unref(): void }).unref();
  execFileSync("ip", ["link", "set", "lo", "up"]);
  // Router solicitations would only be noise; and every machine's kernel is to behave alike.
  tune("ipv6/conf/default/disable_ipv6", "1");
  tune("ipv4/tcp_congestion_control", "cubic");
  // Room for a whole question in the kernel, however rarely this process gets to run.
  tune("ipv4/tcp_wmem", "4096 1048576 4194304");
  return false;
}
