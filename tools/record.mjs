// Makes the README's picture, docs/images/serve.svg, from a real run: starts `mote serve` in a
// network namespace of its own (user mode where that is not to be had), runs the commands that it
// prints, and draws what came back as two terminals. Times and ports differ from run to run.
//
//   node tools/record.mjs             writes the picture
//   node tools/record.mjs --print     prints the two terminals instead
//   node tools/record.mjs --numbers   writes the README's table of numbers from docs/footprint.md
//                                     and docs/performance.md; with --check it only compares

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./lib/files.mjs";

const PICTURE = join(ROOT, "docs/images/serve.svg");
const SELF = fileURLToPath(import.meta.url);
const MOTE = join(ROOT, "dist/host/command/main.js");
const START_MS = 10_000;
const COMMAND_MS = 10_000;
/** Both connections are over by then: hello gives its peer two seconds. */
const LINGER_MS = 500;

const COLUMNS = 120;
const FONT_PX = 13;
const LINE_PX = 18;
const CHARACTER_PX = 7.83;
const MARGIN_PX = 16;
const BAR_PX = 30;
const GAP_PX = 14;

/** Lines of the server until `done` says enough. */
function serverLines(child) {
  const lines = [];
  let waiting = null;
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    waiting?.();
  });
  const until = (done) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("mote serve says less than expected")),
        START_MS,
      );
      waiting = () => {
        if (!done(lines)) return;
        clearTimeout(timer);
        waiting = null;
        resolve();
      };
      waiting();
    });
  return { lines, until };
}

function runCommand(command) {
  const options = { encoding: "utf8", timeout: COMMAND_MS };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], options);
  if (status !== 0) throw new Error(`${command} failed: ${stderr.trim() || `exit ${status}`}`);
  return [`$ ${command}`, ...stdout.trimEnd().split("\n")];
}

/** Plays the session; the two terminals as lists of lines. */
async function play(words) {
  const child = spawn(process.execPath, [MOTE, "serve", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const { lines, until } = serverLines(child);
    await until((all) => all.some((line) => line.startsWith("stop")));
    const [curl = "", hello = ""] = lines;
    const page = curl.replace(/^curl /, "curl -s ");
    const client = [...runCommand(`${page} | head -9`), "", ...runCommand(hello)];
    await until((all) => all.filter((line) => / closed /.test(line)).length >= 2);
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGINT");
    await ended;
    return [
      { title: "what npm start runs", lines: ["$ mote serve", ...lines] },
      { title: "another terminal", lines: client },
    ];
  } finally {
    child.kill("SIGKILL");
  }
}

/** Plays it in a network namespace of its own; null where none is to be had. */
function playInNamespace() {
  const rights = process.getuid?.() === 0 ? ["--net"] : ["--net", "--map-root-user"];
  const words = [...rights, "--kill-child", process.execPath, SELF, "--inside"];
  const { status, stdout } = spawnSync("unshare", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  return status === 0 ? JSON.parse(stdout) : null;
}

const escapeXml = (text) =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

/** As a terminal of COLUMNS columns breaks them. */
function wrapLines(lines) {
  const broken = (line) => line.match(new RegExp(`.{1,${COLUMNS}}`, "g")) ?? [""];
  return lines.flatMap(broken);
}

function drawLine(line, x, y) {
  const at = `x="${x}" y="${y}"`;
  if (!line.startsWith("$ ")) return `<text ${at}>${escapeXml(line)}</text>`;
  const command = escapeXml(line.slice(2));
  return `<text ${at}><tspan class="p">$ </tspan><tspan class="c">${command}</tspan></text>`;
}

function drawTerminal({ title, lines }, top, width) {
  const rows = wrapLines(lines);
  const height = BAR_PX + rows.length * LINE_PX + MARGIN_PX;
  const first = top + BAR_PX + LINE_PX;
  const parts = [
    `<rect class="w" x="0.5" y="${top + 0.5}" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="t" x="${width / 2}" y="${top + 20}">${escapeXml(title)}</text>`,
    ...rows.map((row, index) => drawLine(row, MARGIN_PX, first + index * LINE_PX)),
  ];
  return { svg: parts.filter((part) => !/"><\/text>$/.test(part)).join("\n"), height };
}

function draw(terminals) {
  const width = Math.ceil(COLUMNS * CHARACTER_PX + 2 * MARGIN_PX);
  const drawn = [];
  let top = 0;
  for (const terminal of terminals) {
    const { svg, height } = drawTerminal(terminal, top, width);
    drawn.push(svg);
    top += height + GAP_PX;
  }
  const height = top - GAP_PX;
  const said = terminals.map(({ title, lines }) => `${title}: ${lines.join("\n")}`).join("\n\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<desc>${escapeXml(said)}</desc>
<style>
text { font: ${FONT_PX}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d5dae1; white-space: pre; }
.w { fill: #14181d; stroke: #39424d; }
.t { fill: #8d99a6; text-anchor: middle; }
.p { fill: #6cc88b; }
.c { fill: #ffffff; font-weight: bold; }
</style>
${drawn.join("\n")}
</svg>
`;
}

/** Rows of the first table of a page with this text in its first row. */
function tableRows(page, first) {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const begin = lines.findIndex((line) => line.startsWith("|") && line.includes(first));
  if (begin < 0) throw new Error(`${page} has no table with "${first}"`);
  const length = lines.slice(begin).findIndex((line) => !line.startsWith("|"));
  const rows = lines.slice(begin, length < 0 ? undefined : begin + length);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A number without its budget. */
function plainNumber(cell) {
  return /^[\d,]+/.exec(cell)?.[0] ?? "";
}

function numbersTable() {
  const [titles, , ...all] = tableRows("docs/footprint.md", "wasm bytes");
  const profiles = all.filter(([name]) => !name.endsWith("-bare"));
  const line = (name, column) => {
    const at = titles.indexOf(column);
    return `| ${[name, ...profiles.map((cells) => plainNumber(cells[at]))].join(" | ")} |`;
  };
  // Each needs a record and rings; sockets for datagrams take theirs from the same.
  const carrying = (cells) => {
    const [records, rings] = ["TCBs", "rings each way"].map((name) => cells[titles.indexOf(name)]);
    const numbers = [records, rings].map((cell) => Number(cell.replace(/,/g, "")));
    return Math.min(...numbers).toLocaleString("en");
  };
  const speeds = tableRows("docs/performance.md", "over TAP");
  const speed = (name, title) => {
    const row = speeds.find(([cell]) => cell.startsWith(title));
    const [motetcp, smoltcp] = row.slice(1, 3).map((cell) => cell.split(" ")[0]);
    return `| ${name} | | | | ${motetcp} (smoltcp in the same run: ${smoltcp}) |`;
  };
  // CPU time stands in the row below the one it belongs to.
  const userTime = (name, title) => {
    const row = speeds[speeds.findIndex(([cell]) => cell.startsWith(title)) + 1];
    return `| ${name} | | | | ${row[1]} (smoltcp in the same run: ${row[2]}) |`;
  };
  return [
    `| | ${profiles.map(([name]) => name).join(" | ")} |`,
    `|---|${profiles.map(() => "---").join("|")}|`,
    line("module, bytes", "wasm bytes"),
    line("memory it ever touches, bytes", "memory bytes"),
    line("connection records", "TCBs"),
    `| connections that can carry data at a time | ${profiles.map(carrying).join(" | ")} |`,
    line("each ring, bytes", "bytes per ring"),
    line("idle connection without rings, bytes", "idle connection"),
    speed("from Linux over TAP, Gbit/s", "sink"),
    speed("to Linux over TAP, Gbit/s", "source"),
    userTime("CPU in user mode, µs per 1-byte round trip", "1-byte round trips"),
    userTime("CPU in user mode, µs per connection", "connect + echo"),
  ].join("\n");
}

/** The README with the table between its markers replaced. */
function writeNumbers() {
  const path = join(ROOT, "README.md");
  const [begin, end] = [
    "<!-- numbers: node tools/record.mjs --numbers -->",
    "<!-- end of numbers -->",
  ];
  const page = readFileSync(path, "utf8");
  const [head, rest = ""] = page.split(begin);
  const tail = rest.split(end)[1];
  if (tail === undefined) throw new Error("README.md has lost its markers");
  const wanted = `${head}${begin}\n\n${numbersTable()}\n\n${end}${tail}`;
  if (wanted === page) return;
  if (process.argv.includes("--check")) {
    console.error("README.md has other numbers: run node tools/record.mjs --numbers");
    process.exitCode = 1;
    return;
  }
  writeFileSync(path, wanted);
  console.error("wrote the numbers of README.md");
}

async function main() {
  if (process.argv.includes("--numbers")) {
    writeNumbers();
    return;
  }
  if (process.argv.includes("--inside")) {
    process.stdout.write(JSON.stringify(await play([])));
    return;
  }
  let terminals = playInNamespace();
  if (terminals === null) {
    console.error("no network namespace with a TAP device here: recording user mode");
    terminals = await play(["--link", "user"]);
  }
  if (process.argv.includes("--print")) {
    for (const { lines } of terminals) console.log(`${lines.join("\n")}\n`);
    return;
  }
  mkdirSync(dirname(PICTURE), { recursive: true });
  writeFileSync(PICTURE, draw(terminals));
  console.error("wrote docs/images/serve.svg");
}

await main();
