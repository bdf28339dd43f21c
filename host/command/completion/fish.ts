// Completion for fish: a line for each verb and for each of its options.

import { quote, shortText } from "./common.js";
import type { CompletedOption, CompletedVerb, Values } from "./tree.js";

export function fishCompletion(
  verbs: readonly CompletedVerb[],
  options: readonly CompletedOption[],
): string {
  const first = "__fish_use_subcommand";
  const lines = [
    ...options.map((option) => optionLine(first, option)),
    ...verbs.flatMap(({ names, text }) => names.map((name) => line(first, `-a ${name}`, text))),
    ...verbs.flatMap(verbLines),
  ];
  const each = lines.map((rest) => `complete -c $command ${rest}`);
  return `# Completion of mote for fish. In ~/.config/fish/config.fish: mote completion fish | source
for command in mote motetcp
    complete -c $command -f
${each.map((text) => `    ${text}`).join("\n")}
end
`;
}

const line = (condition: string, what: string, text: string): string =>
  `-n ${quote(condition)} ${what} -d ${quote(shortText(text))}`;

function verbLines({ names, options, values, text }: CompletedVerb): string[] {
  const seen = `__fish_seen_subcommand_from ${names.join(" ")}`;
  const given = argument(values);
  return [
    ...(given === "" ? [] : [line(seen, given, text)]),
    ...options.map((option) => optionLine(seen, option)),
  ];
}

function argument(values: Values): string {
  if (values === "file") return "-F";
  if (values === "folder") return "-a '(__fish_complete_directories)'";
  return values === "any" || values.length === 0 ? "" : `-a ${quote(values.join(" "))}`;
}

function optionLine(condition: string, { words, values, text }: CompletedOption): string {
  const names = words.map((word) =>
    word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`,
  );
  const value = values === null ? [] : ["-x", argument(values)];
  // -x says that no file follows; where one does, only that a value does.
  const taken = values === "file" ? ["-r", "-F"] : value;
  return line(condition, [...names, ...taken].filter((word) => word !== "").join(" "), text);
}
