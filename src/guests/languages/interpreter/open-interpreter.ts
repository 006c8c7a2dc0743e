import type { GuestContext, GuestSession } from "../../guest.ts";
import type { InterpreterDriver } from "./interpreter.ts";
import { InterpreterSession } from "./interpreter-session.ts";
import { prepareInterpreter } from "./prepare-interpreter.ts";

export async function openInterpreter(driver: InterpreterDriver, context: GuestContext): Promise<GuestSession> {
  return InterpreterSession.create(await prepareInterpreter(driver, context), context);
}
