import { fileCalls } from "../emscripten/file-calls.ts";
import { processCalls } from "../emscripten/process-calls.ts";
import { strftime } from "../emscripten/strftime.ts";
import type { ImportCall, InterpreterDriver } from "../interpreter/interpreter.ts";
import { placeText } from "../interpreter/place-text.ts";

/** Lua 5.4, by its C API. The function that the prelude answers stays at the bottom of the main stack, out of reach. */
export const luaDriver: InterpreterDriver = {
  language: "lua",
  imports: new Map<string, ImportCall>([...fileCalls, ...processCalls, ["env.strftime", strftime]]),
  boot(live, prelude) {
    live.function("__wasm_call_ctors")();
    const state = live.function("luaL_newstate")();
    live.function("luaL_openlibs")(state);
    const source = placeText(live, live.function("malloc"), prelude);
    const name = placeText(live, live.function("malloc"), "=[wardian]");
    const loaded = live.function("luaL_loadbufferx")(state, source.at, source.length, name.at, 0);
    live.function("free")(source.at);
    live.function("free")(name.at);
    if (loaded !== LUA_OK || live.function("lua_pcallk")(state, 0, 1, 0, 0, 0) !== LUA_OK)
      throw new Error("the prelude failed");
    return state;
  },
  enter(live, state) {
    live.function("lua_settop")(state, 1);
    live.function("lua_pushvalue")(state, 1);
    const status = live.function("lua_pcallk")(state, 0, 0, 0, 0, 0);
    live.function("lua_settop")(state, 1);
    return status === LUA_OK;
  },
};

const LUA_OK = 0;
