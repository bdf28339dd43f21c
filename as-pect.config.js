// as-pect compiles each spec of tests/unit with the leaves of the core that it imports.
// tools/test.mjs runs it for several profiles and with coverage, through these two variables;
// by hand: npx asp --config as-pect.config.js
const { MOTE_UNIT_SPECS, MOTE_UNIT_COVERAGE } = process.env;

export default {
  entries: [MOTE_UNIT_SPECS ?? "tests/unit/**/*.spec.ts"],
  include: [],
  disclude: [/node_modules/],
  coverage: MOTE_UNIT_COVERAGE ? ["assembly/**/*.ts"] : [],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
