const here: string = import.meta.url;

/**
 * The artefacts by name. Each URL stands here literally, so that bundlers see it and copy the file; it is made only
 * when asked for. `test/unit/platform-assets.test.ts` keeps the list complete.
 */
const listed: ReadonlyMap<string, () => URL> = new Map([
  ["python/python.wasm", (): URL => new URL("../../runtimes/python/python.wasm", import.meta.url)],
]);

/** Where an artefact is: the listed URL, else beside the listed ones (a package served as it is, without a bundler). */
export function assetUrl(name: string): URL {
  return listed.get(name)?.() ?? new URL(`../../runtimes/${name}`, here);
}
