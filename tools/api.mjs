// Writes the pages of the API, docs/reference/api, from the doc comments of what package.json exports.
// `--check` writes nothing and says which pages differ. What has no comment, or is part of a type that is
// exported and cannot be named itself, is an error.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Application } from "typedoc";
import { ROOT } from "./lib/files.mjs";

const PAGES = "docs/reference/api";

/** Sources of the modules that package.json exports, by their names. */
function entryPoints() {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const modules = Object.entries(exports).filter(([, entry]) => entry.types !== undefined);
  return modules.map(([key, { types }]) => ({
    name: key.replace(/^\./, name),
    source: types.replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, ".ts"),
  }));
}

async function generate(folder) {
  const entries = entryPoints();
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    tsconfig: join(ROOT, "host/tsconfig.json"),
    entryPoints: entries.map(({ source }) => join(ROOT, source)),
    name: "API of motetcp",
    readme: "none",
    logLevel: "Warn",
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    disableGit: true,
    sourceLinkTemplate: "{path}",
    basePath: ROOT,
    sort: ["source-order"],
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
    // Pages of Markdown, one for each module.
    outputFileStrategy: "modules",
    entryFileName: "README",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    hideGroupHeadings: false,
    useCodeBlocks: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    propertyMembersFormat: "table",
    typeDeclarationFormat: "table",
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("see above");
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors()) throw new Error("see above");
}

const folder = mkdtempSync(join(ROOT, ".tmp", "api-"));
await generate(folder);
