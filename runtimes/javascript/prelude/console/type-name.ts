import { getOwnPropertyDescriptor, getPrototypeOf } from "../intrinsics.ts";

/** The name of the constructor, as far as it can be had without running guest code other than proxies. */
export function typeName(value: object): string {
  let holder: object | null = value;
  for (let steps = 0; holder !== null && steps < 20; steps++) {
    const found: PropertyDescriptor | undefined = getOwnPropertyDescriptor(holder, "constructor");
    if (found !== undefined && typeof found.value === "function") {
      const name = getOwnPropertyDescriptor(found.value as object, "name")?.value as unknown;
      if (typeof name === "string" && name !== "") return name;
    }
    holder = getPrototypeOf(holder);
  }
  return "Object";
}
