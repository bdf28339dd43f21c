// Completion for bash: one function, with a case for each verb and for each option that takes a value.

import { NAMES, quote, wordsAfter } from "./common.js";
import type { CompletedOption, CompletedVerb, Values } from "./tree.js";

export function bashCompletion(
  verbs: readonly CompletedVerb[],
  options: readonly CompletedOption[],
): string {
  const first = wordsAfter([...verbs.flatMap(({ names }) => names), ...flatWords(options)]);
  return `# Completion of mote for bash. In ~/.bashrc: eval "$(mote completion bash)"
_mote() {
  local word="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" verb="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" != -* ]] && verb="\${COMP_WORDS[i]}" && break
  done
  # "--link=user" is three words here.
  if [[ "$word" == "=" ]]; then word=""
  elif [[ "$last" == "=" ]]; then last="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  COMPREPLY=()
  case "$verb $last" in
${verbs.flatMap(valueCases).join("\n")}
  esac
  case "$verb" in
    "") _mote_words ${first} ;;
${verbs.map(verbCase).join("\n")}
  esac
}
_mote_words() {
  COMPREPLY=($(compgen -W "$*" -- "$word"))
  # The beginning of a word: more of it follows.
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *: ]] && compopt -o nospace 2>/dev/null
}
_mote_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY+=($(compgen "$1" -- "$word"))
}
complete -F _mote ${NAMES}
`;
}

const flatWords = (options: readonly CompletedOption[]) => options.flatMap(({ words }) => words);

/** What is done for a value. */
function action(values: Values): string {
  if (values === "file") return "_mote_files -f";
  if (values === "folder") return "_mote_files -d";
  return values === "any" ? ":" : `_mote_words ${wordsAfter(values)}`;
}

function valueCases({ names, options }: CompletedVerb): string[] {
  return options.flatMap(({ words, values }) => {
    if (values === null) return [];
    const patterns = names.flatMap((name) => words.map((word) => quote(`${name} ${word}`)));
    return [`    ${patterns.join("|")}) ${action(values)}; return ;;`];
  });
}

function verbCase({ names, options, values }: CompletedVerb): string {
  const own = Array.isArray(values) ? (values as readonly string[]) : [];
  const words = `_mote_words ${wordsAfter([...own, ...flatWords(options)])}`;
  const files = values === "file" || values === "folder";
  const body = files ? `[[ "$word" == -* ]] && ${words} || ${action(values)}` : words;
  return `    ${names.join("|")}) ${body} ;;`;
}
