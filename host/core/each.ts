/** Calls for each thing; one whose handler throws does not keep the others from hearing. The first failure is thrown. */
export function forAll<Thing>(things: Iterable<Thing>, call: (thing: Thing) => void): void {
  const failures: unknown[] = [];
  for (const thing of things) {
    try {
      call(thing);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}
