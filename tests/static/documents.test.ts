// The documents keep their word: links lead somewhere, tests that pages name exist, every
// requirement of RFC 9293 has its line, every export of the package has its entry.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import * as api from "../../host/index.js";
import { fromRoot, readText } from "./support/module.js";

const README_LINES = 150;
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "build", ".git", ".tmp"]);

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(fromRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const pages = filesBelow(".", ".md").map((path) => ({ path, text: readText(path) }));

/** The text without code: what looks like a link in there is none. */
function prose(text: string): string {
  return text.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/** GitHub's anchors: lower case, spaces as hyphens, punctuation left out, a number where one comes again. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.+)$/gm);
  const written = text.matchAll(/<a id="([^"]+)">/g);
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, "")
      .replaceAll(" ", "-");
  const found = new Set([...written].map(([, id = ""]) => id));
  const times = new Map<string, number>();
  for (const [, heading = ""] of headings) {
    const name = anchor(heading);
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    found.add(before === 0 ? name : `${name}-${before}`);
  }
  return found;
}

/** What is wrong with a link of a page, or "". */
function brokenLink(page: string, link: string): string {
  if (/^(https?|mailto):/.test(link)) return "";
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(fromRoot(target))) return `${page}: ${link} leads nowhere`;
  if (anchor === undefined || statSync(fromRoot(target)).isDirectory()) return "";
  return anchorsOf(readText(target)).has(anchor) ? "" : `${page}: no heading for ${link}`;
}

/** Names of the tests in a file; what a template fills in is an ellipsis. */
function testNames(path: string): string[] {
  const source = readText(path);
  const named = source.matchAll(/\b(?:test|it|\w+Test|onAllProfiles)\(\s*(["`])((?:(?!\1).)+)\1/gs);
  const labelled = source.matchAll(/\b\w*[tT]hreat\(\s*"([^"]+)",\s*"([^"]+)"/g);
  return [
    ...[...named].map((match) => (match[2] ?? "").replace(/\$\{[^}]*\}/g, "…")),
    ...[...labelled].map((match) => `${match[1]} ${match[2]}`),
  ];
}

describe("documents", () => {
  it("have links that lead somewhere", () => {
    assert.ok(pages.length > 10);
    const broken = pages.flatMap(({ path, text }) =>
      [...prose(text).matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map((match) =>
        brokenLink(path, match[1] ?? ""),
      ),
    );
    assert.deepEqual(
      broken.filter((problem) => problem !== ""),
      [],
    );
  });

  it("show pictures that are there", () => {
    for (const { path, text } of pages) {
      for (const [, source = ""] of text.matchAll(/<img [^>]*src="([^"]+)"/g)) {
        assert.equal(brokenLink(path, source), "");
      }
    }
  });

  it("name tests that exist", () => {
    let named = 0;
    for (const { path, text } of pages) {
      for (const [, link = "", name = ""] of text.matchAll(
        /\]\(([^)]+\.(?:test|spec)\.ts)\): "([^"]+)"/g,
      )) {
        const file = normalize(join(dirname(path), link));
        assert.ok(existsSync(fromRoot(file)), `${path}: there is no ${file}`);
        assert.ok(testNames(file).includes(name), `${path}: ${file} has no test "${name}"`);
        named++;
      }
    }
    assert.ok(named > 100, `${named} tests are named`);
  });

  it("know no path of one machine", () => {
    for (const { path, text } of pages) {
      assert.doesNotMatch(text, /\/(home|root|Users|work|tmp\/[a-z]+-try)\//, path);
    }
  });

  it("keep the README short", () => {
    const lines = readText("README.md").trimEnd().split("\n").length;
    assert.ok(lines <= README_LINES, `${lines} lines`);
  });

  it("have no numbers in the README but those of the footprint and performance pages", () => {
    const words = [fromRoot("tools/record.mjs"), "--numbers", "--check"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
});

describe("docs/rfc9293.md", () => {
  const page = readText("docs/rfc9293.md");
  const rows = [...page.matchAll(/^\| ((?:MUST|SHLD|MAY|REC)-\d+) \|(.*)\|$/gm)];

  const statusOf = (cells: string) =>
    /^(met|partly|deviates|not met)/.exec(cells.split("|")[1]?.trim() ?? "")?.[0];

  it("has each label of the RFC once", () => {
    const labels = (kind: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
    const wanted = [
      ...labels("MUST", 69),
      ...labels("SHLD", 31),
      ...labels("MAY", 18),
      ...labels("REC", 1),
    ];
    assert.deepEqual(rows.map((row) => row[1]).sort(), wanted.sort());
  });

  it("says of each whether it is met, and what shows it", () => {
    for (const [, label, cells = ""] of rows) {
      const [, status = "", evidence = ""] = cells.split(/(?<!\\)\|/).map((cell) => cell.trim());
      assert.match(status, /^(met|partly|deviates|not met|yes|no|does )/, label);
      assert.match(evidence, /^(\[|no test yet$|-$)/, label);
    }
  });

  it("counts them in its introduction, and names all that are not simply met", () => {
    const words = ["met", "partly", "deviates", "not met"];
    for (const kind of ["MUST", "SHLD", "REC"]) {
      const cells = words.map((word) => {
        const labels = rows
          .filter(
            ([, label = "", cells = ""]) => label.startsWith(kind) && statusOf(cells) === word,
          )
          .map(([, label]) => label)
          .sort();
        if (word === "met") return `${labels.length}`;
        return labels.length === 0 ? "" : `${labels.length}: ${labels.join(", ")}`;
      });
      const line = `| ${[kind, ...cells].join(" | ")} |`.replace(/ {2,}/g, " ");
      assert.ok(page.includes(line), `the introduction lacks: ${line}`);
    }
  });

  it("lists every deviation that the code names", () => {
    const deviations = filesBelow("assembly", ".ts").filter((path) =>
      readText(path).includes("Deviation:"),
    );
    assert.ok(deviations.length > 0);
    const beside = readText("docs/explanation/architecture.md");
    for (const path of deviations) {
      const where = path.startsWith("assembly/tcp/") ? page : page + beside;
      assert.ok(where.includes(`\`${path}\``), `${path} has a deviation that the pages lack`);
    }
  });
});

describe("docs/reference/host-api.md", () => {
  const page = readText("docs/reference/host-api.md");
  const index = readText("host/index.ts") + readText("host/everywhere.ts");
  const documented = new Set([...page.matchAll(/^### `(\w+)/gm)].map((match) => match[1]));

  it("has an entry for every function and constant of the package, and for no other", () => {
    const values = Object.keys(api);
    for (const name of values) assert.ok(documented.has(name), `${name} is not documented`);
    const types = [...index.matchAll(/^export type \{([^}]*)\}/gms)].map((match) => match[1] ?? "");
    const inline = [...index.matchAll(/\btype (\w+)/g)].map((match) => match[1] ?? "");
    const known = new Set([...values, ...types.join(",").match(/\w+/g)!, ...inline]);
    for (const name of documented) assert.ok(known.has(name ?? ""), `${name} is not exported`);
  });

  it("names every type of the package", () => {
    for (const [, names = ""] of index.matchAll(/\{([^}]*)\}/gs)) {
      for (const name of names.split(",").map((word) => word.replace(/\btype\b/, "").trim())) {
        if (name !== "") assert.match(page, new RegExp(`\\b${name}\\b`), name);
      }
    }
  });
});
