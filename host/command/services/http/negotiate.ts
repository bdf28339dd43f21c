// Which form of the status page a client gets: HTML for browsers, plain text for curl and its like,
// JSON for those that ask for it. RFC 9110 section 12.5.1, with the user agent to break ties.

import { qualityOf } from "../../../accept.js";

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
