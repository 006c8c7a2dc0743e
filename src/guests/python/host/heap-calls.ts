import type { HostCall } from "./python-host.ts";

/** Growth of linear memory: the module has no `memory.grow` of its own, so the cap here is the cap. */
export const heapCalls: Readonly<Record<string, HostCall>> = {
  emscripten_resize_heap(host, requested: number) {
    const wanted = requested >>> 0;
    host.charge();
    if (wanted > host.memoryLimit) {
      host.memoryRefused = true;
      return 0;
    }
    // An eighth more, so that a growing guest does not ask at every page.
    const generous = Math.min(Math.ceil(wanted * 1.125), host.memoryLimit);
    host.charge(Math.max(0, wanted - host.memory.size) / 16);
    if (host.memory.growTo(generous) || host.memory.growTo(wanted)) return 1;
    host.memoryRefused = true;
    return 0;
  },
  emscripten_get_heap_max: (host) => host.memoryLimit | 0,
};
