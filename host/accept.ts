// The Accept field of HTTP (RFC 9110 section 12.5.1).

/** Quality of a type: the most specific range that covers it decides; 0 where none does. */
export function qualityOf(accept: string, type: string): number {
  let quality = 0;
  let precision = -1;
  for (const part of accept.split(",")) {
    const [range = "", ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const covers = [`${type.split("/")[0]}/*`, "*/*"];
    const rank = range === type ? 2 : range === covers[0] ? 1 : range === covers[1] ? 0 : -1;
    if (rank <= precision) continue;
    precision = rank;
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const value = weight === undefined ? 1 : Number(weight.slice(2));
    quality = Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
  }
  return quality;
}
