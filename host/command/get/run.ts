// One run of `mote get`: asks, follows redirects where it was told to, and writes the body as fast as whoever takes it.

import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError, EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK } from "../exit.js";
import type { Io } from "../io.js";
import { explainFailure } from "../network/failure.js";
import { flushed } from "../network/flushed.js";
import { settle } from "../network/settle.js";
import { onStation, type Station } from "../network/station.js";
import { placeOf, type GetOptions } from "./options.js";
import { createGetReport, type GetReport } from "./report.js";
import { ask, type Answer } from "./request.js";
import { checkOutput, openOutput } from "./target.js";

export async function get(options: GetOptions, io: Io): Promise<number> {
  checkOutput(options);
  const report = createGetReport(io, options);
  try {
    return await onStation(
      options.station,
      io,
      async (station) => {
        const { stop } = station;
        const code = await Promise.race([fetchOn(station, options, io, report), stop.asked]);
        if (code === undefined) return stop.reason === "signal" ? EXIT_INTERRUPTED : EXIT_OK;
        await settle(station);
        await flushed(io.stdout);
        return code;
      },
      EXIT_INTERRUPTED,
    );
  } finally {
    report.close();
  }
}

async function fetchOn(
  station: Station,
  options: GetOptions,
  io: Io,
  report: GetReport,
): Promise<number> {
  const { fail, output, head } = options;
  const { answer, url, redirects } = await follow(station, options, io.version);
  const { response, place, times } = answer;
  const status = response.statusCode!;
  const isBad = fail && status >= 400;
  const began = performance.now() - times.firstByteMs;
  let bytes = 0;
  if (isBad) response.destroy();
  else {
    const file = output === undefined || head ? null : await openOutput(output, options.force);
    if (head || options.include) io.stdout.write(headText(response));
    const into = file ?? io.stdout;
    bytes = await copy(answer, { into, end: file !== null }, station, report);
  }
  const totalMs = performance.now() - began;
  report.done({ url: url.href, status, place, redirects, times, totalMs, bytes });
  if (isBad) io.stderr.write(`mote get: the server answers ${status} ${response.statusMessage}\n`);
  return isBad ? EXIT_FAILURE : EXIT_OK;
}

/** The first answer that leads nowhere else, or that nobody wants to follow. */
async function follow(
  station: Station,
  options: GetOptions,
  version: string,
): Promise<{ answer: Answer; url: URL; redirects: number }> {
  let { url } = options;
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(station, url, options, version);
    const next = nextOf(answer.response, url);
    if (next === null || options.redirects === 0) return { answer, url, redirects };
    answer.response.destroy();
    answer.socket.destroy();
    if (redirects === options.redirects) {
      throw new CommandError("ELOOP", `more than ${redirects} redirects, the next to ${next.href}`);
    }
    checkWay(next, station, options);
    url = next;
  }
}

function nextOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | null {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  if (!isRedirect || headers.location === undefined) return null;
  if (!URL.canParse(headers.location, url.href)) return null;
  const next = new URL(headers.location, url);
  return next.protocol === "http:" || next.protocol === "https:" ? next : null;
}

/** User mode lets out what the command line names, and a redirect is somebody else's word. */
function checkWay(next: URL, { user }: Station, { url, station }: GetOptions): void {
  const [to, first] = [placeOf(next), placeOf(url)];
  const isSame = to.host === first.host && to.port === first.port;
  if (user === undefined || isSame || (station.allow?.length ?? 0) > 1) return;
  const place = `${to.host}:${to.port}`;
  throw new CommandError(
    "EACCES",
    `the redirect leads to ${place}, which user mode does not let out`,
    `--allow ${place} does`,
  );
}

/** Status line and headers, as they came. */
function headText({ httpVersion, statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let text = `HTTP/${httpVersion} ${statusCode} ${statusMessage}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2)
    text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${text}\r\n`;
}

const LINE_FEED = 10;

/** The whole body; how many bytes it had. */
async function copy(
  { response, place, why }: Answer,
  { into, end }: { into: Writable | NodeJS.WritableStream; end: boolean },
  { failed }: Station,
  report: GetReport,
): Promise<number> {
  const length = Number(response.headers["content-length"] ?? NaN);
  const of = Number.isNaN(length) ? null : length;
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    report.progress(bytes, of, chunk.at(-1) === LINE_FEED);
  });
  try {
    await Promise.race([pipeline(response, into, { end }), failed]);
    return bytes;
  } catch (error) {
    const failure = explainFailure(why() ?? error, place);
    const text = `${failure.message}; ${bytes} bytes of the body had come`;
    throw new CommandError(failure.code, text, failure.hint, { cause: error });
  }
}
