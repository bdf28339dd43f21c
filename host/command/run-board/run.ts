// One run of `mote run-board`: builds, boots, joins the board's Ethernet to this machine, shows its console, and ends
// when it is told to, or when the emulator does.

import type { Board } from "../../boards/board.js";
import { bootBlock } from "../../boards/boot.js";
import { buildFirmware, type Firmware } from "../../boards/firmware.js";
import { startMachine, type Machine } from "../../boards/machine.js";
import { firmwareBytes } from "../../boards/size.js";
import type { Link } from "../../link/link.js";
import { createPcapngFile } from "../../link/pcapngFile.js";
import { plug } from "../../link/plug.js";
import { createSwitch } from "../../link/switch.js";
import { openTap } from "../../link/tap.js";
import { tee } from "../../link/tee.js";
import { openUserLink, type PublishedPort } from "../../link/user.js";
import { CommandError, EXIT_OK } from "../exit.js";
import { formatCount, formatDuration } from "../format.js";
import type { Io } from "../io.js";
import { addressesFor } from "../network/tap.js";
import { isWire, openWire, WIRE_ADDRESS } from "../network/wire.js";
import { checkCapture, withHint } from "../remedy.js";
import { createStopSignals } from "../signals.js";
import type { RunBoardOptions } from "./options.js";

const HOST_ADDRESS = "127.0.0.1";
const BOOT_MS = 20_000;

/** The services of the firmware (boards/common/services.c), and what shows each. */
interface Service {
  readonly name: string;
  readonly port: number;
  show(host: string, port: number): string;
}

const netcat = (host: string, port: number) => `nc ${host} ${port}`;
const SERVICES: readonly Service[] = [
  {
    name: "http",
    port: 80,
    show: (host, port) => `curl http://${host}${port === 80 ? "" : `:${port}`}`,
  },
  { name: "hello", port: 8000, show: netcat },
  { name: "echo", port: 7, show: netcat },
  { name: "discard", port: 9, show: netcat },
  { name: "chargen", port: 19, show: netcat },
];

export async function runBoard(options: RunBoardOptions, io: Io): Promise<number> {
  const stop = createStopSignals(() => undefined);
  try {
    if (options.pcap !== undefined) checkCapture(options.pcap, options.force);
    const firmware = await build(options, io);
    if (!options.buildOnly) await boot(options, firmware, io, stop.asked);
    return EXIT_OK;
  } catch (error) {
    throw withHint(error);
  } finally {
    stop.release();
  }
}

async function build(options: RunBoardOptions, io: Io): Promise<Firmware> {
  const { board, engine, profile, json } = options;
  const started = performance.now();
  const onStep = (text: string) => io.stderr.write(`  ${text}\n`);
  const firmware = await buildFirmware({ board, engine, profile, onStep });
  const { flash, ram } = await firmwareBytes(firmware);
  const took = formatDuration(performance.now() - started);
  if (json) tell(io, { event: "built", board: board.name, engine, profile, flash, ram });
  io.stderr.write(
    `${board.name}, ${engine}, ${profile}: ${formatCount(flash)} bytes of flash, ` +
      `${formatCount(ram)} bytes of RAM, in ${took}\n`,
  );
  return firmware;
}

/** What the board's Ethernet is joined to. */
interface Place {
  readonly link: Link;
  /** The board's, with prefix. */
  readonly address: string;
  /** Where its services are found, when it is up. */
  reach(): Promise<readonly Reached[]>;
}

/** A service, and what shows it: "nc 127.0.0.1 8007". */
interface Reached {
  readonly name: string;
  readonly how: string;
}

const tell = (io: Io, value: object): void => void io.stdout.write(`${JSON.stringify(value)}\n`);

async function boot(
  options: RunBoardOptions,
  { image }: Firmware,
  io: Io,
  stopAsked: Promise<void>,
): Promise<void> {
  const { board, pcap, json } = options;
  const place = await openPlace(options, io);
  let machine: Machine | undefined;
  try {
    const bootOptions = { address: place.address };
    machine = await startMachine({ board, image, network: "here", boot: bootBlock(bootOptions) });
    const { console, ended } = machine;
    const show = (bytes: Buffer) => {
      const text = bytes.toString("latin1").replaceAll("\r", "");
      if (json) tell(io, { event: "console", text });
      else io.stdout.write(text);
    };
    console.onData = show;
    const link = pcap === undefined ? machine.link : tee(machine.link, createPcapngFile(pcap));
    const between = createSwitch();
    plug(between, place.link);
    plug(between, link);
    const booted = await Promise.race([bootOf(machine), stopAsked]);
    if (booted === undefined) return;
    console.clear();
    console.onData = show;
    const reached = await place.reach();
    if (json) tell(io, { event: "serving", address: place.address, services: reached });
    else for (const { name, how } of reached) io.stdout.write(`${name.padEnd(9)}${how}\n`);
    process.stdin.on("data", console.write);
    const { complaint } = machine;
    const died = ended.then((how) => endedEarly(board, how, complaint()));
    await Promise.race([stopAsked, died]);
  } finally {
    process.stdin.pause();
    await machine?.stop();
    place.link.close();
  }
}

function endedEarly({ name }: Board, how: number | string, complaint: string): never {
  const text = `the emulator of ${name} has ended by itself (${how})`;
  throw new CommandError("EIO", complaint === "" ? text : `${text}: ${complaint}`);
}

/** Waits until the firmware serves; throws with what it, or its emulator, said instead. */
async function bootOf({ console, complaint }: Machine): Promise<true> {
  try {
    const [word] = await console.seen(/^(ready|stopped)\r?\n/m, BOOT_MS);
    if (word.startsWith("ready")) return true;
  } catch (cause) {
    const said = complaint() || "it did not say why";
    throw new CommandError("EIO", `the firmware does not boot: ${said}`, undefined, { cause });
  }
  throw new CommandError("EIO", "the firmware has stopped; its console says why");
}

/** Commands for people at an address of the board's own. */
function shown(address: string): Reached[] {
  const [bare = ""] = address.split("/");
  return SERVICES.map(({ port, name, show }) => ({ name, how: show(bare, port) }));
}

async function openPlace({ link, address }: RunBoardOptions, io: Io): Promise<Place> {
  if (link.kind === "tap") {
    const { stack, host } = addressesFor(link.name, address);
    const device = await openTap(link.name, { hostAddress: host });
    return { link: device, address: stack!, reach: async () => shown(stack!) };
  }
  const stackAddress = address ?? WIRE_ADDRESS;
  if (isWire(link)) {
    const wire = await openWire(link, stackAddress, {
      // A cable that was pulled: the board runs on.
      gone: (error) => void io.stderr.write(`${error.message}\n`),
      played: () => undefined,
    });
    return { link: wire.link, address: stackAddress, reach: async () => shown(stackAddress) };
  }
  const user = await openUserLink({ stackAddress, hostAddress: HOST_ADDRESS });
  const publish = async (service: Service) => {
    const { hostPort, hostAddress }: PublishedPort = await user.publish(service.port);
    return { name: service.name, how: service.show(hostAddress, hostPort) };
  };
  return {
    link: user,
    address: stackAddress,
    async reach() {
      const reached: Reached[] = [];
      for (const service of SERVICES) reached.push(await publish(service));
      return reached;
    },
  };
}
