/** Every way in which a guest can be ended by force. */
export type StopReason =
  /** More than `allowed` units were used. */
  | { readonly kind: "fuel"; readonly allowed: number }
  /** The deadline, `allowedMs` after the run was armed, has passed. */
  | { readonly kind: "time"; readonly allowedMs: number }
  /** The caller's abort signal fired; `reason` is the signal's own. */
  | { readonly kind: "abort"; readonly reason: unknown }
  /**
   * The deterministic depth limit, `allowed` units of it; or, without `allowed`, the engine's own stack overflow, or calls
   * nested too deeply across the boundary.
   */
  | { readonly kind: "stack"; readonly allowed?: number }
  /** Out-of-memory reported by the guest's runtime as a trap/abort, or linear memory refused by the engine. */
  | { readonly kind: "memory" }
  /** `unreachable` executed by the guest itself (not by the meter). */
  | { readonly kind: "unreachable" }
  /** Any other trap (out-of-bounds access, division by zero, bad indirect call) or a Wasm exception that nobody caught. */
  | { readonly kind: "trap"; readonly message: string }
  /** The guest's own process exit, requested through `stop`. */
  | { readonly kind: "exit"; readonly code: number }
  /** An import called a sealed function: `name` is the import's. */
  | { readonly kind: "sealed"; readonly name: string }
  /** An import would have held the thread until some time has passed, which its caller does not allow. */
  | { readonly kind: "would-block" }
  /** A defect of a host import (it threw). The instance must be dropped. */
  | { readonly kind: "host-error"; readonly cause: unknown };

/** How one call into a guest ended. */
export type Completion<T> =
  | { readonly kind: "returned"; readonly value: T }
  | { readonly kind: "stopped"; readonly reason: StopReason };
