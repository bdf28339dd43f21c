// The tools of the component model, found from this folder's own packages.

export {
  componentEmbed,
  componentNew,
  componentWit,
  parse,
  transpile,
} from "@bytecodealliance/jco";
