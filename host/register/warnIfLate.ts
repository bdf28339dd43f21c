// http and http2 take their servers from node:net when they are loaded: whoever loads them first keeps them on
// the system's sockets, and should hear of it.

const LATE = ["http", "http2"];

/** Before anything is replaced. What Node has loaded is in no list that its pages promise, but has always been there. */
export function warnIfLate(): void {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  const loaded = LATE.filter((name) => moduleLoadList.includes(`NativeModule ${name}`));
  if (loaded.length === 0) return;
  process.emitWarning(
    `${loaded.map((name) => `node:${name}`).join(" and ")} came first and may stay on the system's sockets; ` +
      "start the program with: node --import motetcp/register",
    { code: "MOTE_LATE", type: "MoteTCPWarning" },
  );
}
