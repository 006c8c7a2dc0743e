import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type {
  Guest,
  GuestContext,
  GuestKind,
  GuestSession,
  Language,
  RuntimeAssets,
  SnapshotBase,
  SnapshotBinary,
} from "../guest.ts";
import { languageDigest } from "./language-digest.ts";
import type { InterpreterDriver } from "./interpreter/interpreter.ts";
import type { ProgramDriver } from "./program/program.ts";

type OpenSession = (context: GuestContext) => Promise<GuestSession>;

interface Opening {
  readonly open: OpenSession;
  /** Whether its state stays from run to run, and can be copied. */
  readonly stays: boolean;
}

/** What is loaded when a language is first asked for. */
const LANGUAGES: ReadonlyMap<GuestKind, Opening> = new Map<GuestKind, Opening>([
  ["lua", interpreter(async () => (await import("./lua/lua-driver.ts")).luaDriver)],
  ["ruby", interpreter(async () => (await import("./ruby/ruby-driver.ts")).rubyDriver)],
  ["perl", interpreter(async () => (await import("./perl/perl-driver.ts")).perlDriver)],
  ["sql", interpreter(async () => (await import("./sql/sql-driver.ts")).sqlDriver)],
  ["bash", { stays: false, open: async (context) => (await import("./bash/open-bash.ts")).openBash(context) }],
  ["php", program(async () => (await import("./php/php-driver.ts")).phpDriver)],
]);

/** Languages whose interpreters are optional peer packages: nothing of them is loaded before one is asked for. */
export const languageGuest: Guest = {
  kinds: [...LANGUAGES.keys()],
  async create(context: GuestContext): Promise<GuestSession> {
    return await languageOf(context.language).open(context);
  },
  async snapshotBase(kind: GuestKind, assets: RuntimeAssets, { digest }: SnapshotBinary): Promise<SnapshotBase> {
    if (!languageOf(kind).stays)
      throw new WardianError("unsupported", `Cannot copy a sandbox of ${kind}: each run is a process of its own`);
    const hex = await languageDigest(kind as Language, assets, digest);
    const moduleDigest = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return { identity: `${kind} ${hex}`, moduleDigest, image: EMPTY_IMAGE };
  },
};

function languageOf(kind: GuestKind): Opening {
  const language = LANGUAGES.get(kind);
  if (language === undefined) throw new WardianError("internal", `Cannot open a ${kind}: it is no language`);
  return language;
}

function interpreter(load: () => Promise<InterpreterDriver>): Opening {
  return {
    stays: true,
    open: async (context) => {
      const { openInterpreter } = await import("./interpreter/open-interpreter.ts");
      return await openInterpreter(await load(), context);
    },
  };
}

function program(load: () => Promise<ProgramDriver>): Opening {
  return {
    stays: false,
    open: async (context) => {
      const { openProgram } = await import("./program/open-program.ts");
      return await openProgram(await load(), context);
    },
  };
}
