// Coverage of the core's code only: as-covers instruments every source it is given, specs and
// configuration too, and a constant that it has rewritten is no compile-time constant any more.

import CoverTransform from "@as-covers/transform";

const CONSTANTS = /^assembly\/(config|constants|globals|layout|memory)$/;

export default class CoreCoverage extends CoverTransform {
  afterParse({ sources }) {
    const isCode = ({ internalPath }) =>
      internalPath.startsWith("assembly/") && !CONSTANTS.test(internalPath);
    super.afterParse({ sources: sources.filter(isCode) });
  }
}
