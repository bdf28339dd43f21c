// The words of tools that make something for the profile of a board.

/** Profiles that boards have. */
export const BOARD_PROFILES = ["tiny", "esp32"];

/** Ends the process with the usage unless the profile is one. */
export function profileOf(word, usage) {
  if (BOARD_PROFILES.includes(word)) return word;
  const what = word === undefined ? "" : `There is no profile ${word}. `;
  console.error(`${what}Profiles: ${BOARD_PROFILES.join(", ")}\nusage: ${usage}`);
  return process.exit(2);
}
