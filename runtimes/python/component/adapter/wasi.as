// The imports of the world in wit/python.wit as the canonical ABI lowers them: strings and lists are an address and a
// length, a handle is a number, and what does not fit one result is written to the address in the last parameter.

@external("wasi:clocks/wall-clock", "now")
export declare function wallClock(result: usize): void;
@external("wasi:clocks/monotonic-clock", "now")
export declare function monotonicClock(): i64;
@external("wasi:clocks/monotonic-clock", "resolution")
export declare function clockResolution(): i64;
@external("wasi:clocks/monotonic-clock", "subscribe-duration")
export declare function subscribeDuration(nanoseconds: i64): i32;
@external("wasi:io/poll", "[method]pollable.block")
export declare function block(pollable: i32): void;
@external("wasi:io/poll", "[resource-drop]pollable")
export declare function dropPollable(pollable: i32): void;

@external("wasi:random/random", "get-random-bytes")
export declare function randomBytes(length: i64, result: usize): void;

@external("wasi:cli/environment", "get-environment")
export declare function getEnvironment(result: usize): void;
@external("wasi:cli/exit", "exit-with-code")
export declare function exitWithCode(code: i32): void;
@external("wasi:cli/stdin", "get-stdin")
export declare function getStdin(): i32;
@external("wasi:cli/stdout", "get-stdout")
export declare function getStdout(): i32;
@external("wasi:cli/stderr", "get-stderr")
export declare function getStderr(): i32;

@external("wasi:io/streams", "[method]input-stream.blocking-read")
export declare function streamRead(stream: i32, length: i64, result: usize): void;
@external("wasi:io/streams", "[method]output-stream.blocking-write-and-flush")
export declare function streamWrite(stream: i32, bytes: usize, length: i32, result: usize): void;
@external("wasi:io/error", "[resource-drop]error")
export declare function dropError(error: i32): void;

@external("wasi:filesystem/preopens", "get-directories")
export declare function getDirectories(result: usize): void;
@external("wasi:filesystem/types", "[resource-drop]descriptor")
export declare function dropDescriptor(descriptor: i32): void;
@external("wasi:filesystem/types", "[resource-drop]directory-entry-stream")
export declare function dropEntries(stream: i32): void;
@external("wasi:filesystem/types", "[method]directory-entry-stream.read-directory-entry")
export declare function readEntry(stream: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.read-directory")
export declare function readDirectory(descriptor: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.read")
export declare function readAt(descriptor: i32, length: i64, offset: i64, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.write")
export declare function writeAt(descriptor: i32, bytes: usize, length: i32, offset: i64, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.set-size")
export declare function setSize(descriptor: i32, size: i64, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.set-times")
export declare function setTimes(
  descriptor: i32, accessedTag: i32, accessedSeconds: i64, accessedNanoseconds: i32,
  modifiedTag: i32, modifiedSeconds: i64, modifiedNanoseconds: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.sync")
export declare function sync(descriptor: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.stat")
export declare function stat(descriptor: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.metadata-hash")
export declare function metadataHash(descriptor: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.open-at")
export declare function openAt(
  directory: i32, pathFlags: i32, path: usize, length: i32, openFlags: i32, flags: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.stat-at")
export declare function statAt(directory: i32, pathFlags: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.metadata-hash-at")
export declare function metadataHashAt(directory: i32, pathFlags: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.set-times-at")
export declare function setTimesAt(
  directory: i32, pathFlags: i32, path: usize, length: i32, accessedTag: i32, accessedSeconds: i64,
  accessedNanoseconds: i32, modifiedTag: i32, modifiedSeconds: i64, modifiedNanoseconds: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.readlink-at")
export declare function readlinkAt(directory: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.create-directory-at")
export declare function createDirectoryAt(directory: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.remove-directory-at")
export declare function removeDirectoryAt(directory: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.unlink-file-at")
export declare function unlinkFileAt(directory: i32, path: usize, length: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.rename-at")
export declare function renameAt(
  directory: i32, from: usize, fromLength: i32, toDirectory: i32, to: usize, toLength: i32, result: usize): void;
@external("wasi:filesystem/types", "[method]descriptor.symlink-at")
export declare function symlinkAt(
  directory: i32, target: usize, targetLength: i32, path: usize, length: i32, result: usize): void;

@external("wardian:host/tools", "names")
export declare function toolNames(result: usize): void;
@external("wardian:host/tools", "call")
export declare function callTool(
  name: usize, nameLength: i32, values: usize, valuesLength: i32, result: usize): void;
@external("wardian:host/http", "start")
export declare function startRequest(
  request: usize, requestLength: i32, body: usize, bodyLength: i32, blocking: i32, result: usize): void;
@external("wardian:host/http", "read")
export declare function readBody(number: i64, result: usize): void;
@external("wardian:host/http", "cancel")
export declare function cancelRequest(number: i64): void;
@external("wardian:host/display", "show")
export declare function show(mime: usize, mimeLength: i32, data: usize, dataLength: i32, text: i32): void;
@external("wardian:host/denials", "note")
export declare function note(what: i32, where: usize, length: i32): void;
