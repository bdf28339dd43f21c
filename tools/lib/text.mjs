// Small helpers for generated text: wrapped comments and the spellings of names.

const COLUMNS = 100;

/** A doc comment of one or more lines, indented; empty when there is nothing to say. */
export function docComment(text, indent = "") {
  if (text === "") return [];
  const single = `${indent}/** ${text} */`;
  if (single.length <= COLUMNS) return [single];
  const lines = wrap(text, COLUMNS - indent.length - 3);
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`];
}

export function wrap(text, width) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** camelCase or PascalCase to lower_snake; CAPS_NAMES are only lowered. */
export function lowerSnake(name) {
  if (name === name.toUpperCase()) return name.toLowerCase();
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

export function upperSnake(name) {
  return lowerSnake(name).toUpperCase();
}
