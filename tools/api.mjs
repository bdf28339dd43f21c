// Writes the pages of the API, docs/reference/api, from the doc comments of what package.json exports; `--check`
// only says which of them differ. A thing without a comment, and a type that is used and cannot be named, are
// errors.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { Application, Comment } from "typedoc";
import { filesBelow, ROOT } from "./lib/files.mjs";

const PAGES = "docs/reference/api";

const options = {
  plugin: ["typedoc-plugin-markdown"],
  tsconfig: join(ROOT, "host/tsconfig.json"),
  basePath: ROOT,
  name: "The API, module by module",
  readme: "none",
  logLevel: "Warn",
  excludeExternals: true,
  excludeInternal: true,
  disableGit: true,
  sourceLinkTemplate: "{path}",
  sort: ["alphabetical"],
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
  // Of the first the keys are what is exported, the others stand for types that not every platform has.
  intentionallyNotExported: [
    ...["AddressState", "Counter", "LeaseState", "Option", "Pool", "Service"].map(
      (name) => `host/core/generated/abi.ts:${name}`,
    ),
    "host/core/wasm.ts:CompiledModule",
    "host/core/wasm.ts:Global",
  ],
  suppressCommentWarningsInDeclarationFiles: true,
  router: "module",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeDeclarationFormat: "table",
};

/** Sources of the modules that package.json exports, with their names. */
function entries() {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, entry]) => entry.types !== undefined)
    .map(([key, { types }]) => ({
      name: key.replace(/^\./, name),
      source: types.replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, ".ts"),
    }));
}

/** Converts and checks; throws when there is anything to say. */
async function convert() {
  const modules = entries();
  const entryPoints = modules.map(({ source }) => join(ROOT, source));
  const app = await Application.bootstrapWithPlugins({ ...options, entryPoints });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  for (const { name, source } of modules) {
    const module = project.children.find(({ sources }) => sources[0].fileName === source);
    module.name = name;
  }
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("each thing above needs a doc comment, or an export of its own");
  }
  for (const { name, source } of modules) {
    const module = project.children.find((child) => child.name === name);
    describe(module, headOf(source));
    for (const child of module.children ?? []) tellSource(child);
  }
  return { app, project };
}

/** What a file says of itself in its first lines. */
function headOf(source) {
  const lines = readFileSync(join(ROOT, source), "utf8").split("\n");
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("// ")),
  );
  return head.map((line) => line.slice(3)).join("\n");
}

/** Adds a paragraph to what is said of a thing. */
function describe(reflection, text) {
  reflection.comment ??= new Comment();
  reflection.comment.summary.push({ kind: "text", text: `\n\n${text}` });
}

/** Of a function each signature has what is said of it. */
function tellSource(reflection) {
  const { fileName } = reflection.sources?.[0] ?? {};
  if (fileName === undefined) return;
  for (const each of reflection.signatures ?? [reflection]) describe(each, `In \`${fileName}\`.`);
}

/** Text of each page by its path below PAGES. */
async function pages() {
  const { app, project } = await convert();
  mkdirSync(join(ROOT, ".tmp"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".tmp", "api-"));
  try {
    // Lines of code would change with every line above them: the file is told instead.
    app.options.setValue("disableSources", true);
    app.options.setValue("outputs", [{ name: "markdown", path: folder }]);
    await app.generateOutputs(project);
    const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".md"));
    const texts = names.map((name) => [name, readFileSync(join(folder, name), "utf8")]);
    return tidied(new Map(texts));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** That nothing comes back says the signature above already; and a name that comes once has no number. */
function tidied(made) {
  const times = (page, name) =>
    [...made.get(page).matchAll(/^#+ ([\w.]+)/gm)].filter(
      ([, heading]) => heading.toLowerCase() === name,
    ).length;
  const withoutNumber = (page) => (link, path, name) => {
    const target = path === "" ? page : posix.join(dirname(page), path);
    return times(target, name) === 1 ? `(${path}#${name})` : link;
  };
  const tidy = ([page, text]) => [
    page,
    text
      .replace(/#+ Returns\n\n`void`\n\n?/g, "")
      .replace(/\n{3,}/g, "\n\n")
      .replace(/\(([^()#\s]*)#(\w+)-1\)/g, withoutNumber(page)),
  ];
  return new Map([...made].map(tidy));
}

function write(made) {
  rmSync(join(ROOT, PAGES), { recursive: true, force: true });
  for (const [name, text] of made) {
    const path = join(ROOT, PAGES, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Pages that are not as they are made. */
function stale(made) {
  const there = filesBelow(PAGES).map((path) => path.slice(PAGES.length + 1));
  const text = (name) => readFileSync(join(ROOT, PAGES, name), "utf8");
  return [...new Set([...there, ...made.keys()])].filter(
    (name) => !there.includes(name) || text(name) !== made.get(name),
  );
}

try {
  const made = await pages();
  if (!process.argv.includes("--check")) write(made);
  else if (stale(made).length > 0) {
    throw new Error(`${PAGES}: ${stale(made).join(", ")} differ; run: npm run docs`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
