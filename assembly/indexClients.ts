// What builds export that find their addresses, names and time by themselves.

export { interfaceAuto } from "./dhcp/client";
export { hostName } from "./dns/hostName";
export { resolve } from "./dns/lookup";
export { nameServer } from "./dns/server";
export { publish } from "./dns/service";
export { timeServer } from "./sntp/client";
