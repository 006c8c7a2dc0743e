/** "get-order" as jco's glue names it: "getOrder". */
export function camelCase(name: string): string {
  return name
    .split("-")
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`,
    )
    .join("");
}

/** "wasi:cli/stdout@0.2.0" without its version. */
export function unversioned(name: string): string {
  const at = name.indexOf("@");
  return at < 0 ? name : name.slice(0, at);
}
