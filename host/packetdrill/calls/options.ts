// setsockopt and getsockopt, by the table of socketOptions.ts.

import { suggestion } from "../../suggest.js";
import { Constant, Errno } from "../../core/generated/abi.js";
import { readOption } from "../../core/records.js";
import { constantOf, fieldOf, numberOf, singleOf } from "../constants.js";
import { failure, mistake, unsupported } from "../errors.js";
import type { CallEvent, Expression } from "../script.js";
import { SOCKET_OPTIONS, type Initial, type OptionRule } from "../socketOptions.js";
import { infoOf, type Outcome, type Run, type Socket } from "../state.js";
import { INFO_CONSTANTS, infoValue } from "../tcpInfo.js";
import { handOnDefaults } from "./coreOptions.js";
import { argument, fail, failCore, once, succeed, takeError } from "./call.js";

function ruleOf(event: CallEvent): { name: string; rule: OptionRule } {
  const option = argument(event, 2, "an option's name");
  if (option.kind !== "word") throw mistake("expected an option's name", option.place);
  const rule = Object.hasOwn(SOCKET_OPTIONS, option.name) ? SOCKET_OPTIONS[option.name] : undefined;
  if (rule) return { name: option.name, rule };
  const hint = suggestion(option.name, Object.keys(SOCKET_OPTIONS));
  const close = hint.startsWith(" (did") ? hint : "";
  throw unsupported(`the runner does not know the option ${option.name}${close}`, option.place);
}

function lacking(what: string, event: CallEvent): never {
  throw unsupported(
    `the core has no ${what.replace(/^an? /, "")} yet`.replace(/(; .*) yet$/, " yet$1"),
    event.place,
  );
}

export const setsockopt = once((run, socket, event) => {
  const { name, rule } = ruleOf(event);
  const given = singleOf(argument(event, 3, "a value"));
  switch (rule.how) {
    case "missing":
      return isNumber(given, rule.off) ? succeed(0) : lacking(rule.lacking, event);
    case "kept":
      socket.values.set(name, numberOf(given));
      return succeed(0);
    case "special":
      return setSpecial(socket, name, given, event);
    case "core": {
      if (rule.id === undefined) return lacking(rule.lacking, event);
      return setCoreOption(run, socket, rule.id, rule.toCore(numberOf(given)), rule.stackWide);
    }
  }
});

const isNumber = (value: Expression, number: number | undefined) =>
  value.kind === "number" && value.value === number;

/** A connection's option is kept for the connection where there is none yet. */
function setCoreOption(
  run: Run,
  socket: Socket,
  id: number,
  value: number,
  stackWide: boolean,
): Outcome {
  const { exports } = run.wire.core;
  const isForLater = !stackWide && socket.role !== "connection";
  const result = isForLater ? 0 : exports.setOption(stackWide ? 0 : socket.handle, id, value);
  if (result < 0) return failCore(result);
  if (!stackWide) socket.coreOptions.set(id, value);
  if (socket.role === "listener") handOnDefaults(run, socket);
  return succeed(0);
}

const CONGESTION_CONTROLS = ["reno", "newreno"];
const FUNCTION_SETS = ["freebsd"];

function setSpecial(socket: Socket, name: string, given: Expression, event: CallEvent): Outcome {
  if (name === "SO_LINGER") {
    const onoff = fieldOf(given, "onoff") ?? fieldOf(given, "l_onoff");
    const linger = fieldOf(given, "linger") ?? fieldOf(given, "l_linger");
    if (!onoff || !linger) throw mistake("expected {onoff=1, linger=0}", given.place);
    socket.linger = { onoff: numberOf(onoff), seconds: numberOf(linger) };
    return succeed(0);
  }
  if (name === "TCP_CONGESTION" || name === "TCP_FUNCTION_BLK") {
    const known = name === "TCP_CONGESTION" ? CONGESTION_CONTROLS : FUNCTION_SETS;
    const field = fieldOf(given, "function_set_name") ?? given;
    if (field.kind === "string" && known.includes(field.value)) return succeed(0);
    throw unsupported(`the core has ${known.join(" or ")} and no other ${name}`, event.place);
  }
  return fail("ENOPROTOOPT");
}

export const getsockopt = once((run, socket, event) => {
  const { name, rule } = ruleOf(event);
  const wanted = argument(event, 3, "the value that is expected");
  if (name === "TCP_INFO") return compareInfo(run, socket, wanted);
  if (name === "SO_LINGER") return compareLinger(socket, wanted);
  const came = valueOf(run, socket, name, rule, event);
  if (typeof came !== "number") return came;
  const value = singleOf(wanted);
  if (value.kind === "any" || value.kind === "string") return succeed(0);
  if (numberOf(value) === came) return succeed(0);
  throw failure(
    `getsockopt ${name}: ${shownValue(value)} expected, ${shownNumber(name, came)} came`,
  );
});

function valueOf(
  run: Run,
  socket: Socket,
  name: string,
  rule: OptionRule,
  event: CallEvent,
): number | Outcome {
  switch (rule.how) {
    case "missing":
      return rule.off ?? lacking(rule.lacking, event);
    case "kept":
      return socket.values.get(name) ?? initially(run, socket, rule.initially);
    case "special":
      if (name === "SO_ACCEPTCONN") return socket.role === "listener" ? 1 : 0;
      if (name === "SO_ERROR") return constantOf(takeError(run, socket) ?? "") ?? 0;
      return 0;
    case "core": {
      if (name === "TCP_MAXSEG" && socket.role !== "connection")
        return socket.coreOptions.get(rule.id!) ?? DEFAULT_MSS;
      if (rule.id === undefined) return lacking(rule.lacking, event);
      const { core } = run.wire;
      const handle = socket.role === "connection" && !rule.stackWide ? socket.handle : 0;
      const set = handle === 0 ? socket.coreOptions.get(rule.id) : undefined;
      const value = set ?? readOption(core, handle, rule.id);
      return value < 0 && value >= -Errno.EACCES ? failCore(value) : rule.fromCore(value);
    }
  }
}

/** The MSS of a socket without a connection is the default of RFC 9293 section 3.7.1. */
const DEFAULT_MSS = 536;

function initially(run: Run, socket: Socket, initial: Initial): number {
  const { core } = run.wire;
  if (initial === "receiveRing") return core.constant(Constant.RECEIVE_RING_BYTES);
  if (initial === "sendRing") return core.constant(Constant.SEND_RING_BYTES);
  if (initial === "mss") return infoOf(run, socket)?.sndMss || DEFAULT_MSS;
  return initial;
}

/** `{tcpi_state=TCP_ESTABLISHED, ...}`: every field that is there. */
function compareInfo(run: Run, socket: Socket, wanted: Expression): Outcome {
  const info = infoOf(run, socket);
  if (!info) return fail("EINVAL");
  if (wanted.kind !== "struct") return succeed(0);
  for (const { name, value } of wanted.fields) {
    const came = infoValue(run.wire.core, info, name);
    if (came === undefined) throw unsupported(`the core has no ${name}`, value.place);
    const number =
      value.kind === "word" ? (INFO_CONSTANTS[value.name] ?? numberOf(value)) : numberOf(value);
    if (number !== came) throw failure(`${name} is ${came}, not ${number}`);
  }
  return succeed(0);
}

function compareLinger({ linger }: Socket, wanted: Expression): Outcome {
  const { onoff, seconds } = linger ?? { onoff: 0, seconds: 0 };
  const given = singleOf(wanted);
  const pairs = [
    ["onoff", onoff],
    ["linger", seconds],
  ] as const;
  for (const [name, came] of pairs) {
    const value = fieldOf(given, name) ?? fieldOf(given, `l_${name}`);
    if (value && numberOf(value) !== came) {
      throw failure(`getsockopt SO_LINGER: ${name} is ${came}, not ${numberOf(value)}`);
    }
  }
  return succeed(0);
}

function shownValue(value: Expression): string {
  return value.kind === "word" ? value.name : String(numberOf(value));
}

function shownNumber(name: string, came: number): string {
  if (name !== "SO_ERROR") return String(came);
  const errno = Object.keys(Errno).find((key) => constantOf(key) === came);
  return errno ?? String(came);
}
