// Components made of components. The outer one is text in which the inner ones are empty; then their bytes are put in
// place of the empty ones, so that what is inside stays as it is, byte for byte.

import { COMPONENT_SECTION, withSections } from "./sections.mjs";

/** Interfaces that a library exports. */
export const LIBRARY_INTERFACES = [
  ...["types", "about", "lifecycle", "time", "network", "frames"],
  ...["tcp", "udp", "events", "options", "inspect"],
];

const stack = (name) => `motetcp:stack/${name}@0.1.0`;
const peer = (name) => `motetcp:peer/${name}@0.1.0`;

/** A library: its code on a core. Exports the interfaces and nothing else. */
export const composeLibrary = (jco, core, code) => compose(jco, libraryText(), [core, code]);

/** The self-test: its code on two instances of a library. */
export const composeSelfTest = (jco, library, code) =>
  compose(jco, selfTestText(), [library, code]);

async function compose(jco, text, inner) {
  const outer = Buffer.from(await jco.parse(text));
  const rest = [...inner];
  const whole = withSections(outer, (id, bytes) =>
    id === COMPONENT_SECTION ? rest.shift() : bytes,
  );
  if (rest.length > 0) throw new Error("a component has no place in the one around it");
  return whole;
}

function libraryText() {
  const exports = LIBRARY_INTERFACES.map(
    (name) => `  (export "${stack(name)}" (instance $code "${stack(name)}"))`,
  );
  return `(component
  (component $core-component)
  (component $code-component)
  (instance $core (instantiate $core-component))
  (instance $code (instantiate $code-component
    (with "${stack("core")}" (instance $core "${stack("core")}"))))
${exports.join("\n")}
)`;
}

function selfTestText() {
  const given = LIBRARY_INTERFACES.flatMap((name) => [
    `    (with "${stack(name)}" (instance $first "${stack(name)}"))`,
    `    (with "${peer(name)}" (instance $second "${stack(name)}"))`,
  ]);
  return `(component
${WASI_IMPORTS}
  (component $library)
  (component $code-component)
  (instance $first (instantiate $library))
  (instance $second (instantiate $library))
  (instance $code (instantiate $code-component
    (with "wasi:io/error@0.2.0" (instance $error))
    (with "wasi:io/streams@0.2.0" (instance $streams))
    (with "wasi:cli/stdout@0.2.0" (instance $stdout))
${given.join("\n")}))
  (export "wasi:cli/run@0.2.0" (instance $code "wasi:cli/run@0.2.0"))
)`;
}

/** The interfaces of wit/wasi as types of instances. */
const WASI_IMPORTS = `  (import "wasi:io/error@0.2.0" (instance $error
    (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error-type (type $given-error))
    (export "error" (type $error (eq $given-error)))
    (export "output-stream" (type $output-stream (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush" (func
      (param "self" (borrow $output-stream)) (param "contents" (list u8))
      (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream-type))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream-type (type $given-stream))
    (export "output-stream" (type $output-stream (eq $given-stream)))
    (export "get-stdout" (func (result (own $output-stream))))))`;
