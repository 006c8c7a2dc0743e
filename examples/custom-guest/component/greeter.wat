;; The core module of the component: "Hello, " before what the host's directory knows of the user, or before the user.
;; Compilers write this from a WIT file; by hand it shows how little there is to it.
(module
  (import "example:greeter/directory@1.0.0" "full-name" (func $full_name (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "Hello, ")
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "example:greeter/greetings@1.0.0#greet") (param $user i32) (param $length i32) (result i32)
    (call $full_name (local.get $user) (local.get $length) (i32.const 32))
    ;; result: the discriminant at 32, pointer and length of the string behind it; 0 is ok
    (if (i32.eqz (i32.load8_u (i32.const 32)))
      (then
        (local.set $user (i32.load (i32.const 36)))
        (local.set $length (i32.load (i32.const 40)))))
    (memory.copy (i32.const 512) (i32.const 16) (i32.const 7))
    (memory.copy (i32.const 519) (local.get $user) (local.get $length))
    (i32.store (i32.const 64) (i32.const 512))
    (i32.store (i32.const 68) (i32.add (local.get $length) (i32.const 7)))
    (global.set $next (i32.const 1024))
    (i32.const 64)))
