// What the adapter calls of the interpreter and of the small modules beside it.

@external("python", "emscripten_builtin_memalign")
export declare function memalign(alignment: usize, size: usize): usize;
@external("python", "emscripten_builtin_free")
export declare function free(address: usize): void;
@external("python", "PyObject_CallNoArgs")
export declare function callNoArgs(callable: usize): usize;
@external("python", "Py_DecRef")
export declare function decRef(object: usize): void;
@external("python", "PyErr_Clear")
export declare function clearError(): void;
@external("python", "Py_AddPendingCall")
export declare function addPendingCall(functionIndex: i32, argument: usize): i32;

/** Calls a C signal handler; a forged address is a trap. */
@external("trampoline", "signal")
export declare function callSignalHandler(handler: usize, signal: i32): void;

/** Has the next list that an import returns written to `address`, if it is no longer than `room`. */
@external("allocator", "aim")
export declare function aim(address: usize, room: usize): void;

/** Copies out of the standard library's archive. */
@external("library", "copy")
export declare function copyLibrary(to: usize, from: usize, length: usize): void;
@external("library", "size")
export declare function librarySize(): usize;

// What the image holds, by address or table index.
@external("facts", "entry")
export declare const entry: usize;
@external("facts", "deadlock-error")
export declare const deadlockError: usize;
@external("facts", "raise-index")
export declare const raiseIndex: i32;
