// The process that is measured: MoteTCP on the dedicated loop, in a worker that owns TAP device,
// stack and services. Prints "ready"; ends when its standard input does, or after its lifetime.

import { runDedicated } from "../../host/node/dedicated.js";

export interface ServerOptions {
  readonly tap: string;
  readonly profile: "tiny" | "esp32" | "desktop";
  /** Host's side and stack's side, with the length of the prefix. */
  readonly hostAddress: string;
  readonly address: string;
  readonly lifetimeSeconds: number;
  /** MiB of a flight recorder; default: none. */
  readonly flightMib?: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as ServerOptions;

const end = (code: number) => process.exit(code);
process.on("SIGTERM", () => end(0));
process.stdin.on("end", () => end(0)).resume();
setTimeout(() => end(1), options.lifetimeSeconds * 1000);

const dedicated = await runDedicated({
  profile: options.profile,
  tap: { name: options.tap, hostAddress: options.hostAddress, mtu: 1500 },
  address: options.address,
  services: { module: new URL("./services.js", import.meta.url) },
  ...(options.flightMib === undefined ? {} : { record: { flight: options.flightMib } }),
});
dedicated.onError = (error) => {
  console.error(error);
  end(1);
};
console.log("ready");
