import { wat } from "../wat.ts";

/** wasi:sockets/network's error codes, in their order. */
const ERROR_CODES =
  "unknown access-denied not-supported invalid-argument out-of-memory timeout concurrency-conflict not-in-progress would-block invalid-state new-socket-limit address-not-bindable address-in-use remote-unreachable connection-refused connection-reset connection-aborted datagram-too-large name-unresolvable temporary-resolver-failure permanent-resolver-failure";

/** A component whose `attempt` tries to make a TCP and a UDP socket and to resolve a name, and goes on whatever it is told. */
export async function socketsComponent(): Promise<Uint8Array<ArrayBuffer>> {
  const codes = ERROR_CODES.split(" ").map((code) => `"${code}"`);
  const create = (kind: "tcp" | "udp"): string => `
  (import "wasi:sockets/${kind}@0.2.0" (instance $${kind}
    (export "${kind}-socket" (type (sub resource)))))
  (alias export $${kind} "${kind}-socket" (type $${kind}-socket))
  (import "wasi:sockets/${kind}-create-socket@0.2.0" (instance $${kind}-create
    (alias outer 1 $error-code (type $code-0)) (export "error-code" (type $code (eq $code-0)))
    (alias outer 1 $family (type $family-0)) (export "ip-address-family" (type $family (eq $family-0)))
    (alias outer 1 $${kind}-socket (type $socket-0)) (export "${kind}-socket" (type $socket (eq $socket-0)))
    (export "create-${kind}-socket" (func (param "address-family" $family)
      (result (result (own $socket) (error $code)))))))`;
  return await wat(`(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $codes (enum ${codes.join(" ")})) (export "error-code" (type (eq $codes)))
    (type $families (enum "ipv4" "ipv6")) (export "ip-address-family" (type (eq $families)))))
  (alias export $network "network" (type $network-type))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/instance-network@0.2.0" (instance $instance-network
    (alias outer 1 $network-type (type $network-0)) (export "network" (type $network (eq $network-0)))
    (export "instance-network" (func (result (own $network))))))
  ${create("tcp")}
  ${create("udp")}
  (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $lookup
    (alias outer 1 $network-type (type $network-0)) (export "network" (type $network (eq $network-0)))
    (alias outer 1 $error-code (type $code-0)) (export "error-code" (type $code (eq $code-0)))
    (export "resolve-address-stream" (type $stream (sub resource)))
    (export "resolve-addresses" (func (param "network" (borrow $network)) (param "name" string)
      (result (result (own $stream) (error $code)))))))
  (core module $memory-module (memory (export "memory") 1) (data (i32.const 64) "metadata.internal"))
  (core instance $memory (instantiate $memory-module))
  (core func $network-of (canon lower (func $instance-network "instance-network")))
  (core func $tcp-of (canon lower (func $tcp-create "create-tcp-socket") (memory (core memory $memory "memory"))))
  (core func $udp-of (canon lower (func $udp-create "create-udp-socket") (memory (core memory $memory "memory"))))
  (core func $resolve (canon lower (func $lookup "resolve-addresses") (memory (core memory $memory "memory"))))
  (core module $main
    (import "host" "network" (func $network (result i32)))
    (import "host" "tcp" (func $tcp (param i32 i32)))
    (import "host" "udp" (func $udp (param i32 i32)))
    (import "host" "resolve" (func $resolve (param i32 i32 i32 i32)))
    (func (export "attempt")
      (call $tcp (i32.const 0) (i32.const 0))
      (call $udp (i32.const 1) (i32.const 0))
      (call $resolve (call $network) (i32.const 64) (i32.const 17) (i32.const 0))))
  (core instance $instance (instantiate $main (with "host" (instance
    (export "network" (func $network-of)) (export "tcp" (func $tcp-of))
    (export "udp" (func $udp-of)) (export "resolve" (func $resolve))))))
  (func (export "attempt") (canon lift (core func $instance "attempt"))))`);
}
