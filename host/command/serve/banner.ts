// What is printed once everything listens: first the command to try, then the others, then where
// things are and how to stop. The first line is always a command that works when pasted.

import { foldLine } from "../columns.js";
import { serviceNames, type ServiceName } from "../services/names.js";
import type { Paint } from "../style.js";
import type { ServedPort } from "./messages.js";
import type { Place } from "./place.js";

export interface BannerFacts {
  readonly place: Omit<Place, "post" | "close">;
  /** Why it is not TAP, where TAP was wanted. */
  readonly reason: string | undefined;
  readonly pcap: string | undefined;
  readonly profile: string;
  /** A proxy variable is set that curl obeys. */
  readonly proxied: boolean;
}

const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

export function isProxied(env: NodeJS.ProcessEnv): boolean {
  return PROXY_VARIABLES.some((name) => (env[name] ?? "") !== "");
}

/** Texts are folded at `room`, commands are not: whoever copies one gets all of it. */
export function renderBanner(facts: BannerFacts, paint: Paint, room = Infinity): string {
  const { place } = facts;
  const services = sorted(place.services);
  // The ones to try stand alone, the others behind their names.
  const toTry = services.filter(({ name }, index) => index === 0 || name === "hello");
  const others = services.filter((service) => !toTry.includes(service));
  const show = (service: ServedPort, bare: boolean, indent: number): string => {
    const command = commandFor(service, place.address, facts.proxied);
    // A remark is a comment to the shell, so that the whole line may be pasted.
    const { port, hostPort } = service;
    const remark = bare || port === hostPort ? "" : `  # port ${port} of the stack`;
    const hasRoom = indent + command.length + remark.length <= room;
    const shown = toTry.includes(service) ? paint("bold", command) : command;
    return hasRoom ? `${shown}${paint("dim", remark)}` : shown;
  };
  const texts: (readonly [string, string])[] = [
    ["link", describeLink(facts)],
    ...(place.hostName === undefined ? [] : [["name", describeName(facts)] as const]),
    ...(facts.reason === undefined ? [] : [["no TAP", facts.reason] as const]),
    ...(place.controlName == null
      ? []
      : [["sockets", `mote netstat --stack ${place.controlName}`] as const]),
    ["capture", facts.pcap ?? "off (--pcap FILE writes one for Wireshark)"],
    ["stop", "Ctrl-C"],
  ];
  const labels = [...others.map(({ name }) => name), ...texts.map(([label]) => label)];
  const width = Math.max(...labels.map(({ length }) => length)) + 2;
  const labelled = (label: string, text: string): string =>
    `${paint("dim", label.padEnd(width))}${text}`;
  const commands = others.map((service) => labelled(service.name, show(service, false, width)));
  const folded = texts.flatMap(([label, text]) => {
    // What enables TAP ends with a command, too.
    if (label === "no TAP") return [labelled(label, text)];
    const lines = foldLine(`${label.padEnd(width)}${text}`, room);
    return lines.map((line, index) => (index === 0 ? labelled(label, line.slice(width)) : line));
  });
  const tried = toTry.map((service, index) => show(service, index === 0, 0));
  return [...tried, ...commands, ...folded, ""].join("\n");
}

/** http and hello first: they are the ones to try. */
function sorted(services: readonly ServedPort[]): ServedPort[] {
  const order: readonly ServiceName[] = ["http", "hello", ...serviceNames];
  return [...services].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** A command line that talks to the service. */
export function commandFor(
  { name, hostPort }: ServedPort,
  address: string,
  proxied: boolean,
): string {
  const nc = `nc ${address} ${hostPort}`;
  switch (name) {
    case "http":
      return `curl ${proxied ? "--noproxy '*' " : ""}http://${address}:${hostPort}/`;
    // Without -N or -q, which not every nc has: hello answers after a pause and closes first.
    case "hello":
      return `printf mote | ${nc}`;
    case "echo":
      return nc;
    case "discard":
      return `head -c 1000000 /dev/zero | nc -N ${address} ${hostPort}`;
    case "chargen":
      return `${nc} | head`;
  }
}

function describeLink({ place, profile }: BannerFacts): string {
  const by = place.addressBy === undefined ? "" : `, ${place.addressBy}`;
  const stack = `the stack (profile ${profile}) has ${place.stackAddress}${by}`;
  if (place.kind === "user") return `user mode on ${place.address}: ${stack}`;
  return `${place.link}: ${stack}${place.kind === "wire" ? ", for whoever is at the other end" : ""}`;
}

/** For machines that ask by multicast DNS. */
function describeName({ place }: BannerFacts): string {
  const name = `${place.hostName}.local`;
  const http = place.services.find((service) => service.name === "http");
  return http === undefined ? name : `${name}, http://${name}:${http.hostPort}/`;
}
