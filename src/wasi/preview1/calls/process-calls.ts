import { SEALED } from "../../../capabilities/denials/denial-log.ts";
import { ERRNO } from "../errno.ts";
import type { CallTable } from "./call.ts";

/** Random bytes that are made between two looks at the deadline. */
const PIECE_BYTES = 65_536;
/** Making a byte takes 2 to 5 ns. */
const RANDOM_UNITS = 64;

/** The end of a process, and chance. */
export const processCalls: CallTable = {
  // Only asks for the stop: the guest traps on the `unreachable` behind the call, or at its next check.
  proc_exit: (host, code: number) => {
    host.fuel.stop({ kind: "exit", code: code >>> 0 });
    return ERRNO.SUCCESS;
  },
  proc_raise: (host, signal: number) => {
    host.powers.denials?.note("process.kill", `signal ${signal >>> 0}`, SEALED);
    return ERRNO.ENOSYS;
  },
  random_get: (host, buffer: number, length: number) => {
    const bytes = host.memory.view(buffer, length);
    if (bytes === undefined) return ERRNO.EFAULT;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (!host.fuel.charge(piece.length * RANDOM_UNITS)) return ERRNO.EIO;
      host.powers.random.fill(piece);
    }
    return ERRNO.SUCCESS;
  },
};
