// Bytes as hex and as text, sixteen to a line, as tcpdump -X shows them.

const LINE_BYTES = 16;
const HEX_COLUMNS = 40;

export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const row = [...bytes.subarray(at, at + LINE_BYTES)];
    const hex = row.map((byte, index) => {
      return byte.toString(16).padStart(2, "0") + (index % 2 === 1 ? " " : "");
    });
    const text = row.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
    const place = at.toString(16).padStart(4, "0");
    lines.push(`\t0x${place}:  ${hex.join("").padEnd(HEX_COLUMNS)} ${text.join("")}`);
  }
  return lines;
}
