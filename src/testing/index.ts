/** What a custom part of a sandbox has to keep to, as cases for any test runner. */
export { ContractViolation } from "./assertions.ts";
export { fileSystemContract } from "./file-system/file-system-contract.ts";
export type { ContractCase, FileSystemSubject } from "./file-system/file-system-contract.ts";
