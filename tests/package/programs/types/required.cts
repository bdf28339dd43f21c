// The same in CommonJS: require() of a module of ES gives what the module says that it gives.

import net = require("motetcp/net");
import motetcp = require("motetcp");
import nodeNet = require("node:net");

export const inPlace: typeof nodeNet = net;
export const socket: net.Socket = net.connect(1);
export const where: net.AddressInfo | string | null = new net.Server().address();
export const starting: Promise<motetcp.Stack> = motetcp.createStack();
