// What the classes of a module of Node's have on their prototypes, as far as it is public, and which of it those of
// the package's in its place lack: as JSON.

const [own, ours] = process.argv.slice(2).map((name) => require(name));

// Of BoundSocket there are no instances here: its constructor says why.
const isClass = (value) =>
  typeof value === "function" && /^[A-Z]/.test(value.name) && value.name !== "BoundSocket";
const names = Object.entries(own)
  .filter(([, value]) => isClass(value))
  .flatMap(([name, { prototype }]) =>
    Object.getOwnPropertyNames(prototype).map((method) => [name, method]),
  )
  .filter(([, method]) => !method.startsWith("_"));
const lacking = names.filter(([name, method]) => !(method in ours[name].prototype));

console.log(
  JSON.stringify({ count: names.length, lacking: lacking.map((each) => each.join(".")) }),
);
