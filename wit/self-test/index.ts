// The self-test as a command: prints a report, and fails if one of its parts does.

import { realloc } from "../library/canonical";
import { check, endLine, hasFailed, say, sayBytes } from "./report";
import { closeConnection, datagrams, exchange, mistakes, openConnection } from "./scenarios";
import { version } from "./sides";
import { bringUp } from "./stacks";

const BULK_BYTES: u32 = 262_144;
const LOSSY_BYTES: u32 = 32_768;
const LOSES_EVERY: u32 = 13;

export { realloc as cabi_realloc };

/** wasi:cli/run: 0 is good. */
export function run$run(): u32 {
  introduce();
  const good =
    check(bringUp() == 0, "the stacks cannot be set up") &&
    openConnection() &&
    exchange("data: ", BULK_BYTES, 0) &&
    exchange("loss: ", LOSSY_BYTES, LOSES_EVERY) &&
    datagrams() &&
    mistakes() &&
    closeConnection();
  if (good && !hasFailed()) say("passed");
  else say("FAILED");
  endLine();
  return hasFailed() ? 1 : 0;
}

function introduce(): void {
  const build = version(0);
  say("MoteTCP self-test: two stacks, profile ");
  const profile = load<u8>(build);
  say(profile == 0 ? "tiny" : profile == 1 ? "esp32" : "desktop");
  endLine();
  say("module: SHA-256 ");
  sayBytes(load<usize>(build, 4), load<u32>(build, 8));
  endLine();
}
