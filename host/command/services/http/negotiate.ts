// Which form of the status page a client gets: HTML for browsers, plain text for curl and its like,
// JSON for those that ask for it. RFC 9110 section 12.5.1, with the user agent to break ties.

export type Form = "html" | "text" | "json";

const types: readonly (readonly [Form, string])[] = [
  ["html", "text/html"],
  ["text", "text/plain"],
  ["json", "application/json"],
];

/** The form with the best quality; browsers get HTML where everything is equal, others text. */
export function preferredForm(accept: string | undefined, userAgent: string | undefined): Form {
  const browser = /mozilla/i.test(userAgent ?? "");
  const fallback: Form = browser ? "html" : "text";
  if (accept === undefined) return fallback;
  let best: Form = fallback;
  let bestQuality = qualityOf(accept, types.find(([form]) => form === fallback)![1]);
  for (const [form, type] of types) {
    const quality = qualityOf(accept, type);
    if (quality > bestQuality) {
      best = form;
      bestQuality = quality;
    }
  }
  return best;
}

/** Quality of a type: the most specific range that covers it decides; 0 where none does. */
function qualityOf(accept: string, type: string): number {
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
