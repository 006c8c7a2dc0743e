// The same helpers that the exported contract uses.
export { namesIn, ok, openedFile, readHandle, readText, writeText } from "../../src/testing/file-access.ts";
