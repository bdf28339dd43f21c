// "Did you mean ...?" for names that people type: services, profiles, links.

/** The known name closest to `word`, or undefined where none is close. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const lower = name.toLowerCase();
    const distance = lower.startsWith(typed) && typed.length > 1 ? 1 : editDistance(typed, lower);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** " (did you mean hello?)", or the whole list where nothing is close. */
export function suggestion(word: string, known: readonly string[]): string {
  const name = closest(word, known);
  return name === undefined ? ` (one of: ${known.join(", ")})` : ` (did you mean ${name}?)`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, rows[i - 2]![j - 2]! + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
