/** The interpreter that the package ships, as wheels name it (PEP 425; PEP 783 for the platform). */
const MINOR = 14;
export const PLATFORM_TAG = "pyemscripten_2026_0_wasm32";

/** What a wheel with C code has to say to be loaded here. */
export const NATIVE_TAG: string = `cp3${MINOR}-cp3${MINOR}-${PLATFORM_TAG}`;

/** Whether one tag, such as "py3-none-any", is for this interpreter. */
export function fitsTag(tag: string): boolean {
  const [python = "", abi = "", platform = "", more] = tag.split("-");
  if (more !== undefined) return false;
  const [, implementation, minor] = /^(py|cp)3(\d*)$/.exec(python) ?? [];
  if (implementation === undefined) return false;
  // "py3": any; "py310": from 3.10 on.
  const least = minor === "" ? 0 : Number(minor);
  if (abi === "none")
    return (
      (platform === "any" || platform === PLATFORM_TAG) && (implementation === "py" ? least <= MINOR : least === MINOR)
    );
  if (platform !== PLATFORM_TAG || implementation !== "cp" || minor === "") return false;
  return abi === "abi3" ? least >= 2 && least <= MINOR : abi === `cp3${MINOR}` && least === MINOR;
}
