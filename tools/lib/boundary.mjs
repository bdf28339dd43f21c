// Reads the one source of the boundary: the const enums of assembly/constants.ts, the classes of the
// records that hosts read, the exports of assembly/index.ts and the table in docs/abi.md. What it
// returns is plain data; generate.mjs prints it and the static tests compare it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ENTRIES } from "./core.mjs";

/** Classes that lie in memory for hosts to read; `only`: of these fields. */
const RECORDS = [
  {
    path: "tcp/tcb.ts",
    name: "Endpoint",
    about: "What a Tcb, SynEntry and TimeWait begin with. `localPort` 0: the record is free.",
  },
  { path: "tcp/tcb.ts", name: "Tcb", about: "A connection." },
  { path: "tcp/synCache.ts", name: "SynEntry", about: "The handshake of a passive open." },
  {
    path: "tcp/timeWait.ts",
    name: "TimeWait",
    about:
      "A connection in TIME-WAIT. `listener` and `retries` together are a u16: when it began, in " +
      "ticks of 1 << `TICK_BITS` ms.",
  },
  { path: "tcp/listener.ts", name: "Listener", about: "A passive open." },
  {
    path: "ip/address.ts",
    name: "Address",
    about:
      "A local address, which follows its record. Number 0 is 127.0.0.1 where the stack talks to itself.",
  },
  {
    path: "udp/socket.ts",
    name: "Socket",
    about: "A UDP socket or an echo socket; its peer's address stands in its last bytes.",
  },
  { path: "ip/group.ts", name: "Group", about: "A multicast group that is heard on an interface." },
  { path: "ip/route.ts", name: "Route", about: "A route." },
  {
    path: "dhcp/lease.ts",
    name: "Lease",
    about: "What an interface has by DHCP, or by itself. Addresses are as they lie in a packet.",
  },
  {
    path: "dns/record.ts",
    name: "Lookup",
    about: "A lookup of a name. The addresses stand behind it, `LOOKUP_ADDRESSES` at most.",
  },
  { path: "sntp/sample.ts", name: "TimeSample", about: "What a time server has said." },
  {
    path: "layout.ts",
    name: "Datagram",
    about: "What stands before the address and the data of a datagram in a socket's span.",
  },
  { path: "layout.ts", name: "TraceRecord", about: "One change of state." },
  {
    path: "globals.ts",
    name: "Globals",
    about: "What hosts may read of the stack as a whole.",
    only: ["noDelay", "nowMs", "mslCs", "minimumRtoMs", "foreignEtherType", "traceWritten"],
  },
];

/** Constants of the core without which its records make no sense. */
const NUMBERS = [
  { path: "tcp/tcb.ts", names: ["SACKS", "TIMESTAMPS", "SCALED"] },
  { path: "tcp/listener.ts", names: ["ANY_ADDRESS"] },
  { path: "tcp/timeWait.ts", names: ["TICK_BITS"] },
  { path: "tcp/synCache.ts", names: ["RETRIES"] },
  { path: "event.ts", names: ["OPEN"] },
  { path: "buffer/ring.ts", names: ["NO_RING"] },
  {
    path: "config.ts",
    names: ["INITIAL_RTO_MS", "SYN_LOST_RTO_MS", "MAXIMUM_RTO_MS", "LOOKUP_ADDRESSES"],
  },
];

/** Everything a host can name, in source order. `flags` and `numbers` belong to the records. */
export function readBoundary(root) {
  const source = sourcesOf(join(root, "assembly"));
  const enums = readEnums(source("constants.ts"));
  const flags = readEnums(source("tcp/tcb.ts"));
  const numbers = readNumbers(source);
  const records = readRecords(source);
  const exported = ENTRIES.flatMap((path) => readExports(source(path.replace("assembly/", ""))));
  const functions = readTable(join(root, "docs/abi.md"));
  compareNames(
    exported,
    functions.map((entry) => entry.name),
  );
  return { enums, records, flags, numbers, functions };
}

/** Parses each file of a folder once. */
function sourcesOf(folder) {
  const parsed = new Map();
  return (path) => {
    if (!parsed.has(path)) {
      const text = readFileSync(join(folder, path), "utf8");
      parsed.set(path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
    }
    return parsed.get(path);
  };
}

function fail(node, message) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`${file.fileName}:${line + 1}: ${message}`);
}

/** The text of the doc comment directly above a node, on one line. */
function docOf(node) {
  const comment = node.jsDoc?.at(-1)?.comment ?? "";
  const text = typeof comment === "string" ? comment : ts.getTextOfJSDocComment(comment);
  return text.replace(/\s+/g, " ").trim();
}

function readEnums(source) {
  const enums = source.statements.filter(ts.isEnumDeclaration);
  return enums.map((declaration) => {
    let next = 0;
    const members = declaration.members.map((member) => {
      const value = member.initializer ? numberOf(member.initializer) : next;
      next = value + 1;
      return { name: member.name.text, value, doc: docOf(member) };
    });
    return { name: declaration.name.text, doc: docOf(declaration), members };
  });
}

/** The value of a plain integer, or of `1 << n`. */
function numberOf(expression) {
  const text = expression.getText();
  const [, bit] = /^1 << (\d+)$/.exec(text) ?? [];
  const value = bit === undefined ? Number(text) : 2 ** Number(bit);
  if (!Number.isInteger(value)) fail(expression, "a constant must be a plain integer");
  return value;
}

/** As one more enum: hosts see no difference. */
function readNumbers(source) {
  const members = NUMBERS.flatMap(({ path, names }) =>
    names.map((name) => {
      const lists = source(path).statements.filter(ts.isVariableStatement);
      const found = lists.find(
        (list) => list.declarationList.declarations[0].name.getText() === name,
      );
      if (!found)
        throw new Error(`assembly/${path} has no constant ${name}, which hosts read with`);
      const { initializer } = found.declarationList.declarations[0];
      return { name, value: numberOf(initializer), doc: docOf(found) };
    }),
  );
  return { name: "Reading", doc: "Numbers with which records are read.", members };
}

const FIELD_BYTES = { u8: 1, u16: 2, u32: 4, u64: 8 };

function readRecords(source) {
  return RECORDS.map(({ path, name, about, only }) => {
    const { declaration, base, fields, bytes } = layOut(source, path, name);
    const kept = fields.filter((field) => only === undefined || only.includes(field.name));
    if (only && kept.length < only.length) fail(declaration, `one of ${only} is no field`);
    return { name, base: base?.name, doc: about, fields: kept, bytes };
  });
}

/** Fields as AssemblyScript lays them out: behind those of the base class, naturally aligned. */
function layOut(source, path, name) {
  const declaration = source(path).statements.find(
    (statement) => ts.isClassDeclaration(statement) && statement.name.text === name,
  );
  if (!declaration) throw new Error(`assembly/${path} has no class ${name}`);
  const baseName = declaration.heritageClauses?.[0].types[0].getText();
  const base = RECORDS.find((record) => record.name === baseName);
  if (baseName && !base) fail(declaration, `${baseName} is no record that hosts read`);
  const { fields, bytes: start } = base
    ? layOut(source, base.path, base.name)
    : { fields: [], bytes: 0 };
  let end = start;
  for (const member of declaration.members) {
    const bytes = FIELD_BYTES[member.type?.getText()];
    if (bytes === undefined) fail(member, "a field is a u8, u16, u32 or u64");
    const offset = Math.ceil(end / bytes) * bytes;
    fields.push({ name: member.name.getText(), offset, bytes, doc: docOf(member) });
    end = offset + bytes;
  }
  return { declaration, base, fields, bytes: end };
}

function readExports(source) {
  const names = [];
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause) {
      fail(statement, "index.ts holds `export { ... } from` only");
    }
    for (const element of statement.exportClause.elements) names.push(element.name.text);
  }
  return names;
}

/** Rows of the export table: `name(args)` first, then arguments, result, errors, work. */
function readTable(path) {
  const functions = [];
  let group = "";
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (!line.startsWith("|")) continue;
    const cells = line.slice(1, line.lastIndexOf("|")).split("|");
    const [head, ...rest] = cells.map((cell) => cell.trim());
    const title = /^\*\*(.+)\*\*$/.exec(head);
    if (title) group = title[1];
    for (const [, name, list] of head.matchAll(/`(\w+)\(([^)]*)\)`/g)) {
      const parameters = list.split(",").map((item) => item.trim());
      const [about = "", result = "", errors = "", work = ""] = rest.map((cell) =>
        cell.replaceAll("`", ""),
      );
      functions.push({
        name,
        parameters: parameters.filter(Boolean),
        group,
        about,
        result,
        errors,
        work,
      });
    }
  }
  return functions;
}

/** docs/abi.md and assembly/index.ts must name the same exports. */
function compareNames(exported, documented) {
  const problems = [];
  for (const name of exported) {
    if (!documented.includes(name)) problems.push(`docs/abi.md does not document ${name}()`);
  }
  for (const name of documented) {
    if (!exported.includes(name)) problems.push(`assembly/index.ts does not export ${name}()`);
  }
  if (new Set(documented).size !== documented.length)
    problems.push("docs/abi.md repeats an export");
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
