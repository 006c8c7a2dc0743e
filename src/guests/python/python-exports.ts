/** What the driver uses of the interpreter's exports; the build strips all others. */
export interface PythonExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  /** Calls a Python callable; returns a new reference, or 0 with the error set. */
  readonly PyObject_CallNoArgs: (callable: number) => number;
  readonly Py_DecRef: (object: number) => void;
  /** Has a C function of the table called at the interpreter's next look for signals. */
  readonly Py_AddPendingCall: (functionIndex: number, argument: number) => number;
  readonly PyErr_SetNone: (error: number) => void;
  readonly PyErr_Clear: () => void;
  readonly emscripten_builtin_memalign: (alignment: number, size: number) => number;
  readonly emscripten_builtin_free: (address: number) => void;
  /** Sets what `dlerror` tells: a format and its arguments. */
  readonly __dl_seterr: (format: number, values: number) => void;
}

/** Names of the functions above, and of what only the build's boot calls. */
export const RUN_EXPORTS: readonly string[] = [
  "memory",
  "__indirect_function_table",
  "PyObject_CallNoArgs",
  "Py_DecRef",
  "Py_AddPendingCall",
  "PyErr_SetNone",
  "PyErr_Clear",
  "emscripten_builtin_memalign",
  "emscripten_builtin_free",
  "__dl_seterr",
];
