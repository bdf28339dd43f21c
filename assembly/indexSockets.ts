// What builds with sockets export beside index.ts.

export { bind, associate } from "./udp/user";
