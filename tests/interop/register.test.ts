// A program of node:http on a stack of its own over TAP, because its environment says so: Linux asks it, and it
// asks Linux.

import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { cleanEnvironment, start } from "../command/support/process.js";
import { skip } from "./support/namespace.js";

/** Asks the port of Linux that it gets as its argument, serves one request, and ends. */
const PROGRAM = `
  const http = require("node:http");
  const server = http.createServer((request, response) => {
    response.setHeader("connection", "close").end("hello " + request.socket.remoteAddress);
    server.close();
  });
  server.listen(8080);
  http.get({ host: "198.18.0.1", port: process.argv[1], agent: false }, (response) => {
    response.setEncoding("utf8").on("data", (chunk) => console.log(chunk));
  });
`;

const options = { skip, timeout: 60_000 };

test(
  "motetcp/register with MOTE_LINK: the program's net is on a TAP device",
  options,
  async (t) => {
    const linux = http.createServer((request, response) => {
      response.end(`hello ${request.socket.remoteAddress}`);
    });
    linux.listen(0, "0.0.0.0");
    await once(linux, "listening");
    t.after(() => linux.close());
    const { port } = linux.address() as AddressInfo;

    const words = ["--import", "motetcp/register", "-e", PROGRAM, String(port)];
    const program = start(t, process.execPath, words, cleanEnvironment({ MOTE_LINK: "tap:mote0" }));
    await program.seen(/^hello 198\.18\.0\.2$/m);

    const asked = http.get({ host: "198.18.0.2", port: 8080, agent: false });
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    assert.equal(await text(answer), "hello 198.18.0.1");
    assert.equal(await program.ended, 0);
    assert.equal(program.err, "");
  },
);
