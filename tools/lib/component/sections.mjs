// Sections of a binary, of a core module or a component: the same frame around both, an id and a length before the bytes.

const HEAD_BYTES = 8;
/** Of a component: a component inside it; of a core module: its exports. */
export const COMPONENT_SECTION = 4;
const CORE_MODULE_SECTION = 1;
const EXPORT_SECTION = 7;
const CUSTOM_SECTION = 0;

/** Reads numbers and bytes one behind the other. */
function createReader(bytes, at = 0) {
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const take = (length) => bytes.subarray(at, (at += length));
  return { number, take, byte: () => bytes[at++], isAtEnd: () => at >= bytes.length };
}

/** An unsigned LEB128. */
function number(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** Id and bytes of each section. */
export function sectionsOf(bytes) {
  const reader = createReader(bytes, HEAD_BYTES);
  const sections = [];
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    sections.push({ id, bytes: reader.take(reader.number()) });
  }
  return sections;
}

/** The same binary with other sections: `change` gives the bytes that stand in place of a section's, or null: none. */
export function withSections(bytes, change) {
  const parts = sectionsOf(bytes).flatMap(({ id, bytes: old }) => {
    const content = change(id, old);
    return content === null ? [] : [Buffer.from([id]), number(content.length), content];
  });
  return Buffer.concat([bytes.subarray(0, HEAD_BYTES), ...parts]);
}

/** A core module whose exports have other names. */
export function withExportNames(module, rename) {
  return withSections(module, (id, bytes) =>
    id === EXPORT_SECTION ? renamed(bytes, rename) : bytes,
  );
}

function renamed(bytes, rename) {
  const reader = createReader(bytes);
  const count = reader.number();
  const parts = [number(count)];
  for (let i = 0; i < count; i++) {
    const name = Buffer.from(rename(Buffer.from(reader.take(reader.number())).toString()));
    parts.push(number(name.length), name, Buffer.from([reader.byte()]), number(reader.number()));
  }
  return Buffer.concat(parts);
}

/** A component without the names of its parts, which are of use to a debugger alone. Core modules stay as they are. */
export function withoutNames(component) {
  return withSections(component, (id, bytes) => {
    if (id === COMPONENT_SECTION) return withoutNames(bytes);
    const name = id === CUSTOM_SECTION && createReader(bytes);
    return name && name.take(name.number()).toString() === "component-name" ? null : bytes;
  });
}

/** Core modules that a component contains, its inner components' among them. */
export function coreModulesOf(component) {
  return sectionsOf(component).flatMap(({ id, bytes }) => {
    if (id === COMPONENT_SECTION) return coreModulesOf(bytes);
    return id === CORE_MODULE_SECTION ? [bytes] : [];
  });
}
