/** Imports that can be told to answer at once without doing anything: what calling them costs, and nothing else. */
export interface IdleSwitch {
  idle: boolean;
}

/** Undefined: this call is not the program's. */
type Answer = (memory: DataView, ...values: number[]) => number | undefined;

/** What a program that stats, opens, reads and closes needs as answers so that it goes on. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  __syscall_stat64: () => 0,
  __syscall_openat: () => IDLE_DESCRIPTOR,
  fd_close: (_memory, descriptor) => (descriptor === IDLE_DESCRIPTOR ? 0 : undefined),
  fd_read: (memory, descriptor, vectors = 0, _count = 0, read = 0) => {
    if (descriptor !== IDLE_DESCRIPTOR) return undefined;
    memory.setUint32(read, memory.getUint32(vectors + 4, true), true);
    return 0;
  },
};

/** Above all that the guest has open. */
const IDLE_DESCRIPTOR = 200;

/**
 * Runs `make` while instances are linked with imports behind a switch. The bench's own doing: the package has no such seam,
 * because nothing but its own codecs may ever answer a guest.
 */
export async function withIdleImports<T>(
  make: () => Promise<T>,
): Promise<{ readonly made: T; readonly idle: IdleSwitch }> {
  const state: IdleSwitch = { idle: false };
  const { instantiate } = WebAssembly;
  const linked = async (module: WebAssembly.Module, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> => {
    let view: DataView | undefined;
    let memory: WebAssembly.Memory | undefined;
    const current = (): DataView => {
      if (memory === undefined) throw new Error("The bench's imports were called before there was a memory");
      if (view === undefined || view.buffer !== memory.buffer) view = new DataView(memory.buffer);
      return view;
    };
    const switched = Object.fromEntries(
      Object.entries(imports).map(([group, members]) => [
        group,
        Object.fromEntries(
          Object.entries(members).map(([name, value]) => [name, behindSwitch(name, value, state, current)]),
        ),
      ]),
    );
    const instance = await instantiate(module, switched);
    memory = instance.exports["memory"] as WebAssembly.Memory;
    return instance;
  };
  WebAssembly.instantiate = linked as typeof WebAssembly.instantiate;
  try {
    return { made: await make(), idle: state };
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}

function behindSwitch(
  name: string,
  value: WebAssembly.ImportValue,
  state: IdleSwitch,
  memory: () => DataView,
): WebAssembly.ImportValue {
  const answer = ANSWERS[name];
  if (answer === undefined || typeof value !== "function") return value;
  const call = value as (...values: number[]) => number;
  return (...values: number[]) => (state.idle ? answer(memory(), ...values) : undefined) ?? call(...values);
}
