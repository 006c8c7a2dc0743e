;; An extension module as a compiler of C would make it: static PyMethodDef and PyModuleDef in data, relocated by hand.
(module
  (@dylink.0
    (mem-info (memory 512 4) (table 6 0))
  )
  (type $fn2 (func (param i32 i32) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__memory_base" (global $memory i32))
  (import "env" "__table_base" (global $table i32))
  (import "env" "__stack_pointer" (global $sp (mut i32)))
  (import "GOT.mem" "_Py_NoneStruct" (global $none (mut i32)))
  (import "GOT.func" "PyLong_FromLong" (global $fromLong (mut i32)))
  (import "GOT.func" "fern_shared" (global $shared (mut i32)))
  (import "env" "PyModule_Create2" (func $create (param i32 i32) (result i32)))
  (import "env" "PyLong_FromLong" (func $long (param i32) (result i32)))
  (import "env" "PyLong_AsLong" (func $asLong (param i32) (result i32)))
  (import "env" "PyObject_CallNoArgs" (func $callNoArgs (param i32) (result i32)))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "fern_weak" (func $weak (param i32) (result i32)))

  (global $calls (mut i32) (i32.const 0))

  ;; spin(n): n turns of a loop
  (func $spin (param i32 i32) (result i32) (local $n i32) (local $sum i32)
    (local.set $n (call $asLong (local.get 1)))
    (block (loop
      (br_if 1 (i32.eqz (local.get $n)))
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br 0)))
    (call $long (local.get $sum)))
  ;; count(): one more than at the last call; the number is in memory, and in a global
  (func $count (param i32 i32) (result i32)
    (i32.store offset=256 (global.get $memory)
      (i32.add (i32.load offset=256 (global.get $memory)) (i32.const 1)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 100)))
    (call $long (i32.add (global.get $calls) (i32.load offset=256 (global.get $memory)))))
  ;; none()
  (func $nothing (param i32 i32) (result i32)
    (i32.store (global.get $none) (i32.add (i32.load (global.get $none)) (i32.const 0)))
    (global.get $none))
  ;; eat(n): mallocs of n MiB until there are no more; how many there were
  (func $eat (param i32 i32) (result i32) (local $n i32) (local $i i32)
    (local.set $n (i32.shl (call $asLong (local.get 1)) (i32.const 20)))
    (block (loop
      (br_if 1 (i32.eqz (call $malloc (local.get $n))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br 0)))
    (call $long (local.get $i)))
  ;; deep(f): calls f, then itself: recursion through the interpreter and back
  (func $deep (param i32 i32) (result i32)
    (call $callNoArgs (local.get 1)))
  ;; forms(): a weak import, an own export by address, a function of the interpreter by address
  (func $forms (param i32 i32) (result i32)
    (call_indirect (param i32) (result i32)
      (i32.add (call $weak (i32.const 30)) (call_indirect (param i32) (result i32) (i32.const 5) (global.get $shared)))
      (global.get $fromLong)))

  (func (export "fern_weak") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "fern_shared") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))

  (elem (global.get $table) func $spin $count $nothing $eat $deep $forms)

  ;; 0: the six method definitions and an end, 16 bytes each; 112: names; 160: the module; 256: a number
  (data (global.get $memory)
    "\70\00\00\00" "\00\00\00\00" "\08\00\00\00" "\00\00\00\00"
    "\75\00\00\00" "\01\00\00\00" "\04\00\00\00" "\00\00\00\00"
    "\7b\00\00\00" "\02\00\00\00" "\04\00\00\00" "\00\00\00\00"
    "\80\00\00\00" "\03\00\00\00" "\08\00\00\00" "\00\00\00\00"
    "\84\00\00\00" "\04\00\00\00" "\08\00\00\00" "\00\00\00\00"
    "\89\00\00\00" "\05\00\00\00" "\04\00\00\00" "\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "spin\00" "count\00" "none\00" "eat\00" "deep\00" "forms\00" "fernlib\00" "\00\00\00\00\00\00\00\00\00"
    "\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\8f\00\00\00" "\00\00\00\00" "\ff\ff\ff\ff" "\00\00\00\00")

  ;; names and functions of the methods, name and methods of the module
  (func (export "__wasm_apply_data_relocs") (local $at i32) (local $i i32)
    (loop
      (local.set $at (i32.add (global.get $memory) (i32.shl (local.get $i) (i32.const 4))))
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (global.get $memory)))
      (i32.store offset=4 (local.get $at) (i32.add (i32.load offset=4 (local.get $at)) (global.get $table)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $i) (i32.const 6))))
    (i32.store offset=180 (global.get $memory) (i32.add (i32.load offset=180 (global.get $memory)) (global.get $memory)))
    (i32.store offset=192 (global.get $memory) (global.get $memory)))
  (func (export "__wasm_call_ctors")
    (i32.store offset=256 (global.get $memory) (i32.const 7)))
  (func (export "PyInit_fernlib") (result i32)
    (call $create (i32.add (global.get $memory) (i32.const 160)) (i32.const 1013)))
)
