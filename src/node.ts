/** Everything of `wardian`, and what only Node has. */
export * from "./index.ts";
export { hostDirectory } from "./hosts/node/host-directory/host-directory.ts";
export type { HostDirectoryOptions } from "./hosts/node/host-directory/host-directory.ts";
export { nodeTransport } from "./hosts/node/http/node-transport.ts";
export type { NodeTransportOptions } from "./hosts/node/http/node-transport.ts";
