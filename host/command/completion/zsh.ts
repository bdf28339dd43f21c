// Completion for zsh: _arguments does the work; each verb has its specification.

import { quote, shortText } from "./common.js";
import type { CompletedOption, CompletedVerb, Values } from "./tree.js";

export function zshCompletion(
  verbs: readonly CompletedVerb[],
  options: readonly CompletedOption[],
): string {
  const named = verbs.flatMap(({ names, text }) =>
    names.map((name) => quote(`${name}:${escape(shortText(text))}`)),
  );
  return `#compdef mote motetcp
# Completion of mote for zsh. In ~/.zshrc, after compinit: eval "$(mote completion zsh)"
_mote() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${options.map((option) => `    ${specification(option)} \\`).join("\n")}
    '1:command:->verb' '*::argument:->rest'
  case $state in
    verb)
      local -a verbs=(${named.join(" ")})
      _describe command verbs ;;
    rest)
      case $line[1] in
${verbs.map(verbCase).join("\n")}
      esac ;;
  esac
}
compdef _mote mote motetcp
`;
}

/** Colons and brackets have a meaning in specifications. */
const escape = (text: string): string => text.replace(/[:[\]\\]/g, "\\$&");

function action(values: Values): string {
  if (values === "file") return "_files";
  if (values === "folder") return "_files -/";
  if (values === "any") return " ";
  return `(${values.map(escape).join(" ")})`;
}

function specification({ words, values, text }: CompletedOption): string {
  const about = `[${escape(shortText(text))}]`;
  const value = values === null ? "" : `:value:${action(values)}`;
  const names = words.length === 1 ? words[0]! : `{${words.join(",")}}`;
  return words.length === 1
    ? quote(`${names}${about}${value}`)
    : `${quote(`(${words.join(" ")})`)}${names}${quote(`${about}${value}`)}`;
}

function verbCase({ names, options, values }: CompletedVerb): string {
  const all = [...options.map(specification), quote(`*:argument:${action(values)}`)];
  return `        ${names.join("|")}) _arguments ${all.join(" ")} ;;`;
}
