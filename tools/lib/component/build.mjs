// Makes the components of each profile in build/component: the core with its boundary (core-PROFILE.wasm), the library
// (PROFILE.wasm), the self-test (self-test-PROFILE.wasm), and the first two as JavaScript (js/). What has not changed is
// not made again.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { readBoundary } from "../boundary.mjs";
import { filesBelow, hashFiles, ROOT, sha256 } from "../files.mjs";
import { runNode } from "../run.mjs";
import { composeLibrary, composeSelfTest } from "./compose.mjs";
import { coreAdapter } from "./coreAdapter.mjs";
import { componentName } from "./names.mjs";
import { PROFILES } from "./profiles.mjs";
import { withExportNames, withoutNames } from "./sections.mjs";

const FOLDER = "build/component";
const STATE = join(ROOT, FOLDER, ".state");
const WIT = { stack: "wit/stack", selfTest: `${FOLDER}/wit/self-test` };

/** Files of a profile, by what they are. */
export function componentFiles(profile) {
  return {
    core: `${FOLDER}/core-${profile}.wasm`,
    library: `${FOLDER}/${profile}.wasm`,
    selfTest: `${FOLDER}/self-test-${profile}.wasm`,
    script: `${FOLDER}/js/${profile}/${profile}.js`,
    coreScript: `${FOLDER}/js/core-${profile}/core-${profile}.js`,
  };
}

const allFiles = () => PROFILES.flatMap((profile) => Object.values(componentFiles(profile)));

function inputs() {
  const modules = PROFILES.map((profile) => `build/${profile}.wasm`);
  const tools = ["tools/lib/emit-wit.mjs", ...filesBelow("tools/lib/component")];
  return [...modules, ...tools, ...filesBelow("wit"), "assembly/constants.ts", "docs/abi.md"];
}

/** True if everything was made of what is there now. */
function isBuilt(wanted) {
  return (
    allFiles().every((path) => existsSync(join(ROOT, path))) &&
    existsSync(STATE) &&
    readFileSync(STATE, "utf8") === wanted
  );
}

/** Makes what has to be made; true if something was. */
export async function buildComponents() {
  const wanted = hashFiles(inputs());
  if (isBuilt(wanted)) return false;
  rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  mkdirSync(join(ROOT, FOLDER), { recursive: true });
  layOutWit();
  const jco = await loadJco();
  const codes = { library: await libraryCode(jco), selfTest: await selfTestCode(jco) };
  for (const profile of PROFILES) await buildProfile(jco, profile, codes);
  writeFileSync(STATE, wanted);
  return true;
}

const loadJco = () => import(pathToFileURL(join(ROOT, "wit/jco.mjs")).href);
const libraryCode = (jco) => codeComponent(jco, "library", WIT.stack, "library-code");
const selfTestCode = (jco) => codeComponent(jco, "self-test", WIT.selfTest, "self-test-code");

async function buildProfile(jco, profile, codes) {
  const files = componentFiles(profile);
  const core = await coreComponent(jco, profile);
  const library = await composeLibrary(jco, core, codes.library);
  write(files.core, core);
  write(files.library, library);
  write(files.selfTest, await composeSelfTest(jco, library, codes.selfTest));
  await transpile(jco, library, files.script);
  await transpile(jco, core, files.coreScript);
}

/** A self-test of a core that lacks calls: for the test that it notices. build/component has to be there. */
export async function buildSelfTest(profile, without) {
  const jco = await loadJco();
  const core = await coreComponent(jco, profile, without);
  const library = await composeLibrary(jco, core, await libraryCode(jco));
  return composeSelfTest(jco, library, await selfTestCode(jco));
}

/** A component as JavaScript that instantiates it as often as it is asked to. */
async function transpile(jco, component, script) {
  const options = { name: basename(script, ".js"), instantiation: "sync" };
  const { files } = await jco.transpile(component, options);
  for (const [name, bytes] of Object.entries(files)) write(join(dirname(script), name), bytes);
}

function write(path, bytes) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), bytes);
}

/** A folder with the package of the self-test and, in deps/, those that it names. */
function layOutWit() {
  const copy = (from, folder) => {
    const to = join(ROOT, WIT.selfTest, folder, from.split("/").at(-1));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(ROOT, from), to);
  };
  copy("wit/self-test/self-test.wit", "");
  for (const name of ["io", "cli"]) copy(`wit/wasi/${name}.wit`, `deps/${name}`);
  const isInterface = (path) => path.endsWith(".wit") && !path.endsWith("worlds.wit");
  for (const path of filesBelow("wit/stack", isInterface)) {
    copy(path, "deps/stack");
    const text = readFileSync(join(ROOT, path), "utf8").replace(
      "package motetcp:stack@",
      "package motetcp:peer@",
    );
    write(`${WIT.selfTest}/deps/peer/${path.split("/").at(-1)}`, text);
  }
}

/** The release module of a profile, byte for byte, in a component that exports its calls, but for those left out. */
async function coreComponent(jco, profile, without = []) {
  const bytes = readFileSync(join(ROOT, "build", `${profile}.wasm`));
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
  const exported = new Set(names.filter((name) => !without.includes(name)));
  const boundary = readBoundary(ROOT);
  const text = coreAdapter({ boundary, exported, profile, sha256: sha256(bytes) });
  const adapter = await embed(jco, await jco.parse(text), WIT.stack, "core-module");
  return withoutNames(Buffer.from(await jco.componentNew(bytes, [["adapter", adapter]])));
}

/** Code in AssemblyScript as a component of its world. */
async function codeComponent(jco, folder, wit, world) {
  const outFile = `${FOLDER}/${folder}.code.wasm`;
  const { code, output } = await runNode("node_modules/assemblyscript/bin/asc.js", [
    ...[`wit/${folder}/index.ts`, "--outFile", outFile, "--use", "abort=", "--runtime", "stub"],
    ...["--optimizeLevel", "3", "--shrinkLevel", "1", "--noAssert", "--converge"],
  ]);
  if (code !== 0) throw new Error(`wit/${folder} does not compile:\n${output}`);
  const module = withExportNames(readFileSync(join(ROOT, outFile)), componentName);
  return withoutNames(
    Buffer.from(await jco.componentNew(await embed(jco, module, wit, world), [])),
  );
}

function embed(jco, binary, wit, world) {
  const stringEncoding = "utf8";
  const witPath = join(ROOT, wit);
  return jco.componentEmbed({ binary, witPath, world, stringEncoding, dummy: false });
}
