// What a linker put where: the map that GNU ld writes.

export interface Placed {
  /** Of the image: .text, .data, ... */
  readonly section: string;
  readonly bytes: number;
  /** The object file, with its member where it is an archive; "": filled up. */
  readonly file: string;
}

const BEGIN = "\nLinker script and memory map\n";

/** Every part of every section of the image. */
export function parseLinkMap(text: string): Placed[] {
  const begin = text.indexOf(BEGIN);
  if (begin < 0) throw new Error("this is no link map of GNU ld");
  // A long name has a line of its own.
  const whole = text.slice(begin).replace(/^( ?[.\w*][^\s]*)\n +0x/gm, "$1 0x");
  const placed: (Placed & { at: number })[] = [];
  let section = "";
  for (const line of whole.split("\n")) {
    const output = /^(\.\S+|\/DISCARD\/)(\s|$)/.exec(line);
    if (output !== null) section = output[1]!;
    const part = /^ (\S+) +0x([0-9a-f]+) +0x([0-9a-f]+)(?: (.*))?$/.exec(line);
    if (part === null || section === "/DISCARD/") continue;
    const [, , at, bytes, file = ""] = part;
    placed.push({ section, at: parseInt(at!, 16), bytes: parseInt(bytes!, 16), file });
  }
  // Of strings that were merged the first file has more than there are before the next part begins.
  return placed.map(({ section, at, bytes, file }, index) => {
    const next = placed.slice(index + 1).find((part) => part.bytes > 0);
    const room = next?.section === section && next.at >= at ? next.at - at : bytes;
    return { section, bytes: Math.min(bytes, room), file };
  });
}
