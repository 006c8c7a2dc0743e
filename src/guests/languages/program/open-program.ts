import type { GuestContext, GuestSession } from "../../guest.ts";
import { prepareProgram } from "./prepare-program.ts";
import type { ProgramDriver } from "./program.ts";
import { ProgramSession } from "./program-session.ts";

export async function openProgram(driver: ProgramDriver, context: GuestContext): Promise<GuestSession> {
  return new ProgramSession(await prepareProgram(driver, context), context);
}
