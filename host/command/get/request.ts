// One request over the stack, with the time of each step of it.

import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as connectTls } from "node:tls";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { netOf } from "../../net/attach.js";
import type { Socket } from "../../net/module.js";
import { keepAddresses } from "../../net/secure.js";
import { explainFailure, tooLong } from "../network/failure.js";
import type { Station } from "../network/station.js";
import { findTarget } from "../network/target.js";
import { placeOf, type GetOptions } from "./options.js";

/** Milliseconds since the request began at which each step was done. */
export interface Times {
  lookupMs: number;
  connectMs: number;
  /** null: without TLS. */
  tlsMs: number | null;
  firstByteMs: number;
}

export interface Answer {
  readonly response: IncomingMessage;
  /** "198.18.0.1:80". */
  readonly place: string;
  readonly times: Times;
  readonly socket: Socket;
  /** What this side has ended it for; undefined: it has not. */
  why(): unknown;
}

/** The answer's head; its body has yet to be read. */
export async function ask(
  { stack, failed }: Station,
  url: URL,
  options: GetOptions,
  version: string,
): Promise<Answer> {
  const began = performance.now();
  const since = (): number => performance.now() - began;
  const times: Times = { lookupMs: 0, connectMs: 0, tlsMs: null, firstByteMs: 0 };
  const { host, port } = placeOf(url);
  const address = await Promise.race([findTarget(stack, host), failed]);
  const place = `${address}:${port}`;
  times.lookupMs = since();
  let late: Error | undefined;
  const socket = netOf(stack).connect({ host: address, port, noDelay: true });
  socket.once("connect", () => (times.connectMs = since()));
  socket.setTimeout(options.waitMs, () => {
    const what = times.connectMs === 0 ? "no connection" : "silence";
    late = tooLong(place, options.waitMs, what);
    through.destroy(late);
  });
  const through = url.protocol === "https:" ? secure() : socket;

  function secure(): Duplex {
    const servername = isIP(host) ? "" : host;
    const rejectUnauthorized = !options.insecure;
    const tls = connectTls({ socket, servername, rejectUnauthorized, host });
    tls.once("secureConnect", () => (times.tlsMs = since()));
    return keepAddresses(tls, socket);
  }

  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, {
    method: options.head ? "HEAD" : "GET",
    headers: headersFor(options, version),
    createConnection: () => through,
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve).on("error", reject).end();
      failed.catch(reject);
    });
    times.firstByteMs = since();
    return { response, place, times, socket, why: () => late };
  } catch (error) {
    through.destroy();
    throw explainFailure(late ?? error, place);
  }
}

/** The caller's own have the last word. */
function headersFor({ headers }: GetOptions, version: string): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {
    "User-Agent": `mote/${version}`,
    Accept: "*/*",
    Connection: "close",
  };
  for (const [name, value] of headers) {
    const key = Object.keys(all).find((each) => each.toLowerCase() === name.toLowerCase());
    if (key !== undefined) delete all[key];
    all[name] = value;
  }
  return all;
}
