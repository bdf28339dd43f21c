// The IDs of all scenarios, in reading order, for whoever must know them without loading the scenarios themselves.

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

/** O: opening, D: data, C: closing, L: looking. */
export const ids: readonly string[] = [
  ...numbered("O", 11),
  ...numbered("D", 8),
  ...numbered("C", 8),
  ...numbered("L", 4),
];
