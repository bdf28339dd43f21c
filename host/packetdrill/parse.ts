// The parser: the text of a script becomes a Script, or a ScriptProblem with its place. Written by
// hand, one function per phrase; CONTRIBUTING.md says why.

import { createCursor, type Cursor } from "./cursor.js";
import { mistake } from "./errors.js";
import { tokenize, type Defines } from "./lexer.js";
import { parseExpression, parseList } from "./parseExpression.js";
import { parsePacket } from "./parsePacket.js";
import type { CallEvent, EventTime, Script, ScriptEvent, ScriptOption } from "./script.js";

/** Defined for every script, so that one can tell where it runs. */
const OWN_NAME = "MOTETCP";

export function parseScript(file: string, source: string, names: Defines = new Map()): Script {
  const defines: Defines = new Map([[OWN_NAME, "1"], ...names, ...definedIn(source)]);
  const cursor = createCursor(tokenize(source, defines));
  const options: ScriptOption[] = [];
  while (cursor.isKind("option")) {
    const option = parseOption(cursor);
    if (option.name !== "define") options.push(option);
  }
  const events: ScriptEvent[] = [];
  while (!cursor.isKind("end")) events.push(parseEvent(cursor));
  if (events.length === 0) throw mistake("expected an event, found the end", cursor.peek());
  return { file, options, events };
}

/** `--define=NAME=VALUE` holds for the whole script, so it is looked for first. */
function definedIn(source: string): [string, string][] {
  const lines = source.matchAll(/^[ \t]*--define[ \t]*=[ \t]*(\w+)(?:=("[^"\n]*"|`[^`]*`|\S*))?/gm);
  return [...lines].map(([, name = "", value = ""]) => [name, value]);
}

function parseOption(cursor: Cursor): ScriptOption {
  const { text, line, column } = cursor.next();
  const [, name = "", value = ""] = /^([\w-]+)(?:[ \t]*=[ \t]*|[ \t]+)?([^]*)$/.exec(text) ?? [];
  return { name, value: value.replace(/^(["`])([^]*)\1$/, "$2"), place: { line, column } };
}

const ACTION = "a packet (< or >), a system call, `...` or %{ ... }%";
const NOW: EventTime = { kind: "at", relative: true, us: 0, endUs: 0 };

function parseEvent(cursor: Cursor): ScriptEvent {
  const { line, column } = cursor.peek();
  const place = { line, column };
  if (cursor.isKind("option")) cursor.fail("an event (options stand before the first one)");
  const isTimeless = cursor.isKind("shell") || cursor.isKind("code");
  const time = isTimeless ? NOW : parseTime(cursor);
  const token = cursor.peek();
  if (token.kind === "shell" || token.kind === "code") {
    cursor.next();
    return atMoment(cursor, { kind: token.kind, time, place, text: token.text });
  }
  if (cursor.accept("<")) {
    const packet = parsePacket(cursor, true);
    return atMoment(cursor, { kind: "packet", time, place, inbound: true, packet });
  }
  if (cursor.accept(">")) {
    return { kind: "packet", time, place, inbound: false, packet: parsePacket(cursor, false) };
  }
  return atMoment(cursor, parseCall(cursor, time, place));
}

/** Only a packet that is expected may come at any time, or within a range. */
function atMoment(cursor: Cursor, event: ScriptEvent): ScriptEvent {
  if (event.time.kind === "at") return event;
  const what = event.time.kind === "any" ? "*" : "a range of times";
  throw mistake(`expected one moment (${what} is for packets of the stack only)`, event.place);
}

function parseTime(cursor: Cursor): EventTime {
  if (cursor.accept("*")) return { kind: "any", relative: false, us: 0, endUs: 0 };
  const relative = cursor.accept("+");
  const us = parseSeconds(cursor, "a time (as in 0, +0, +.1 or *)");
  if (!cursor.accept("~")) return { kind: "at", relative, us, endUs: us };
  if (relative) cursor.expect("+", "+, as before ~");
  const token = cursor.peek();
  const endUs = parseSeconds(cursor, "the end of the range");
  if (endUs < us) cursor.fail("an end that is not before the beginning", token);
  return { kind: "range", relative, us, endUs };
}

/** A hundred days: far beyond every timer. */
export const LONGEST_SECONDS = 8_640_000;

/** Seconds, as microseconds. */
function parseSeconds(cursor: Cursor, what: string): number {
  const { kind, text } = cursor.peek();
  if (kind !== "integer" && kind !== "float") return cursor.fail(what);
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= LONGEST_SECONDS)) {
    return cursor.fail(`${what} from 0 to ${LONGEST_SECONDS} s`);
  }
  cursor.next();
  return Math.round(seconds * 1e9) / 1e3;
}

function parseCall(cursor: Cursor, time: EventTime, place: CallEvent["place"]): CallEvent {
  const endUs = cursor.accept("...") ? parseSeconds(cursor, "the end of the call") : undefined;
  const name = cursor.isKind("word") ? cursor.next().text : cursor.fail(ACTION);
  cursor.expect("(");
  const args = parseList(cursor, ")");
  cursor.expect("=", "= and the result");
  const result = parseExpression(cursor);
  const hasErrno = cursor.isKind("word") && /^E[A-Z0-9]+$/.test(cursor.peek().text);
  const errno = hasErrno ? cursor.next().text : undefined;
  parseNote(cursor);
  return { kind: "call", time, place, endUs, name, args, result, errno };
}

/** Words in parentheses behind a result: for people. */
function parseNote(cursor: Cursor): void {
  if (!cursor.accept("(")) return;
  while (!cursor.at(")")) {
    if (cursor.isKind("end")) cursor.fail(")");
    cursor.next();
  }
  cursor.next();
}
