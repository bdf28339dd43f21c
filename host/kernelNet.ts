// node:net as Node made it, taken before anything is replaced: what has to reach the system's own sockets,
// also in a program that `motetcp/register` has put on a stack, gets it here.

import net from "node:net";

const { Server, Socket, connect, createServer } = net;

export const kernelNet = { Server, Socket, connect, createServer };
