/**
 * The artefacts by name. Each URL stands here literally, so that bundlers see it and copy the file; it is made only
 * when asked for. `test/unit/platform.test.ts` keeps the list complete.
 */
export const assetUrls: ReadonlyMap<string, () => URL> = new Map([
  ["bash/prelude.mjs", (): URL => new URL("../../runtimes/bash/prelude.mjs", import.meta.url)],
  ["javascript/adapter.wasm", (): URL => new URL("../../runtimes/javascript/adapter.wasm", import.meta.url)],
  ["javascript/allocator.wasm", (): URL => new URL("../../runtimes/javascript/allocator.wasm", import.meta.url)],
  ["javascript/engine.wasm", (): URL => new URL("../../runtimes/javascript/engine.wasm", import.meta.url)],
  ["javascript/javascript.image", (): URL => new URL("../../runtimes/javascript/javascript.image", import.meta.url)],
  ["javascript/modules.json", (): URL => new URL("../../runtimes/javascript/modules.json", import.meta.url)],
  ["javascript/trampolines.wasm", (): URL => new URL("../../runtimes/javascript/trampolines.wasm", import.meta.url)],
  ["javascript/typescript.image", (): URL => new URL("../../runtimes/javascript/typescript.image", import.meta.url)],
  ["lua/prelude.lua", (): URL => new URL("../../runtimes/lua/prelude.lua", import.meta.url)],
  ["perl/prelude.pl", (): URL => new URL("../../runtimes/perl/prelude.pl", import.meta.url)],
  ["php/prelude.php", (): URL => new URL("../../runtimes/php/prelude.php", import.meta.url)],
  ["python/image.bin", (): URL => new URL("../../runtimes/python/image.bin", import.meta.url)],
  ["python/image.json", (): URL => new URL("../../runtimes/python/image.json", import.meta.url)],
  ["python/linkage.json", (): URL => new URL("../../runtimes/python/linkage.json", import.meta.url)],
  ["python/python.wasm", (): URL => new URL("../../runtimes/python/python.wasm", import.meta.url)],
  ["python/stdlib.zip", (): URL => new URL("../../runtimes/python/stdlib.zip", import.meta.url)],
  ["python/trampoline.wasm", (): URL => new URL("../../runtimes/python/trampoline.wasm", import.meta.url)],
  ["ruby/prelude.rb", (): URL => new URL("../../runtimes/ruby/prelude.rb", import.meta.url)],
]);

const here: string = import.meta.url;

/** Where an artefact is. One that is not listed is looked for beside the others: right for a package served as it is. */
export function assetUrl(name: string): URL {
  return assetUrls.get(name)?.() ?? new URL(`../../runtimes/${name}`, here);
}
