// The interfaces of the component as their text says them: what is declared where, and the comment above it.

import { loadTool } from "../../boards/support/native.js";

export interface WitItem {
  /** interface, func, record, enum, flags, variant, type, world, case (of an enum, flags, variant or record), import, export. */
  readonly kind: string;
  readonly name: string;
  /** The declaration without what is in braces. */
  readonly text: string;
  readonly doc: string;
  readonly items: readonly WitItem[];
}

interface WitPage {
  readWit(root?: string): WitItem[];
  witPage(root?: string): string;
}

export const { readWit, witPage } = (await loadTool("tools/lib/component/witPage.mjs")) as WitPage;

/** Names of the cases of a type, in their order. */
export function casesOf(interfaceName: string, typeName: string): string[] {
  const found = readWit().find(({ kind, name }) => kind === "interface" && name === interfaceName);
  const type = found?.items.find(({ name }) => name === typeName);
  if (!type) throw new Error(`there is no ${typeName} in the interface ${interfaceName}`);
  return type.items.map(({ name }) => name);
}
