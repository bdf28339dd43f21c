// What builds with sockets export beside index.ts.

export { bind, associate } from "./udp/user";
export { join, leave } from "./ip/group";
export { route } from "./ip/route";
