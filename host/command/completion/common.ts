// What completions of several shells are made of.

/** The commands that are completed. */
export const NAMES = "mote motetcp";

/** In single quotes, for any of the shells. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Words of a command line. */
export const wordsAfter = (words: readonly string[]): string => words.map(quote).join(" ");

/** The first sentence of a description, without what would not fit in a menu. */
export const shortText = (text: string): string => text.split(/ \(|; |: /)[0]!.slice(0, 72);
