;; The JavaScript guest as a component.
;;
;; A name in double braces stands for the minified export name of a QuickJS function; the build fills it in (engine-names.ts) and puts
;; the unmodified engine in the place of the empty module $engine-module. wit/javascript.wit says the same in WIT.
;;
;; Order of instantiation: memory → trampolines → engine (its imports are trampolines) → allocator → adapter, which fills
;; the trampolines' table with its own functions.
(component
  (import "wasi:clocks/wall-clock@0.2.12" (instance $wall-clock
    (type $record (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $record)))
    (export "now" (func (result $datetime)))))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $monotonic-clock
    (type $number u64)
    (export "instant" (type $instant (eq $number)))
    (export "now" (func (result $instant)))))
  (import "wasi:random/random@0.2.12" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:io/error@0.2.12" (instance $io-error
    (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.12" (instance $streams
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $stream-own-error (eq $outer-error)))
    (export "output-stream" (type $stream (sub resource)))
    (type $variant (variant (case "last-operation-failed" (own $stream-own-error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $variant)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.12" (instance $stdout
    (alias outer 1 $output-stream (type $outer-stream))
    (export "output-stream" (type $stream (eq $outer-stream)))
    (export "get-stdout" (func (result (own $stream))))))
  (import "wasi:cli/stderr@0.2.12" (instance $stderr
    (alias outer 1 $output-stream (type $outer-stream))
    (export "output-stream" (type $stream (eq $outer-stream)))
    (export "get-stderr" (func (result (own $stream))))))
  (import "wardian:javascript/host@0.1.0" (instance $host
    (type $variant (variant (case "text" (list u8)) (case "bytes" (list u8)) (case "nothing")))
    (export "reply" (type $reply (eq $variant)))
    (export "call-tool" (func (param "name" (list u8)) (param "arguments" (list u8)) (result $reply)))
    (export "file" (func (param "operation" u32) (param "text" (list u8)) (param "data" (list u8)) (result $reply)))))

  ;; The host puts its own in the place of this module: a memory as large as the boot image, with the sandbox's maximum, and a
  ;; "grant" that charges for the pages. The build lets the engine take a memory of less than 256 pages (adapt-engine-memory.ts).
  (core module $memory-module
    (memory (export "memory") 256 32768)
    ;; Sees to it that there are `$need` pages, `$have` of which were granted before; 0 if the maximum does not allow them.
    (func (export "grant") (param $have i32) (param $need i32) (result i32)
      (if (i32.le_u (local.get $need) (memory.size)) (then (return (i32.const 1))))
      (i32.ne (memory.grow (i32.sub (local.get $need) (memory.size))) (i32.const -1))))

  (core module $engine-module)

  (core module $trampoline-module
    (type $i-i (func (param i32) (result i32)))
    (type $ii-i (func (param i32 i32) (result i32)))
    (type $iii-i (func (param i32 i32 i32) (result i32)))
    (type $iiii-i (func (param i32 i32 i32 i32) (result i32)))
    (type $iiiii-i (func (param i32 i32 i32 i32 i32) (result i32)))
    (type $ii (func (param i32 i32)))
    (type $ji (func (param i64 i32)))
    (type $iiii (func (param i32 i32 i32 i32)))
    (type $i (func (param i32)))
    (type $f (func (result f64)))
    (type $id-i (func (param i32 f64) (result i32)))
    (type $iji (func (param i32 i64 i32 i32) (result i32)))
    (type $v (func))
    (table (export "table") 19 19 funcref)
    (func (export "b") (param i32 i32 i32 i32) (call_indirect (type $iiii) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0)))
    (func (export "c") (param i32 i32 i32 i32) (result i32) (call_indirect (type $iiii-i) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 1)))
    (func (export "d") (param i32) (result i32) (call_indirect (type $i-i) (local.get 0) (i32.const 2)))
    (func (export "e") (param i32 i32) (result i32) (call_indirect (type $ii-i) (local.get 0) (local.get 1) (i32.const 3)))
    (func (export "f") (param i32 i32) (result i32) (call_indirect (type $ii-i) (local.get 0) (local.get 1) (i32.const 4)))
    (func (export "g") (param i32 i32 i32 i32) (result i32) (call_indirect (type $iiii-i) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 5)))
    (func (export "h") (param i32 i32 i32) (result i32) (call_indirect (type $iii-i) (local.get 0) (local.get 1) (local.get 2) (i32.const 6)))
    (func (export "i") (param i32) (result i32) (call_indirect (type $i-i) (local.get 0) (i32.const 7)))
    (func (export "j") (param i32 f64) (result i32) (call_indirect (type $id-i) (local.get 0) (local.get 1) (i32.const 8)))
    (func (export "k") (param i32) (result i32) (call_indirect (type $i-i) (local.get 0) (i32.const 9)))
    (func (export "l") (call_indirect (type $v) (i32.const 10)))
    (func (export "m") (param i64 i32) (call_indirect (type $ji) (local.get 0) (local.get 1) (i32.const 11)))
    (func (export "n") (param i32 i32 i32 i32) (call_indirect (type $iiii) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 12)))
    (func (export "o") (param i32 i64 i32 i32) (result i32) (call_indirect (type $iji) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 13)))
    (func (export "p") (result f64) (call_indirect (type $f) (i32.const 14)))
    (func (export "q") (call_indirect (type $v) (i32.const 15)))
    (func (export "r") (param i32) (call_indirect (type $i) (local.get 0) (i32.const 16)))
    (func (export "s") (param i32 i32 i32 i32 i32) (result i32) (call_indirect (type $iiiii-i) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (i32.const 17)))
    (func (export "t") (param i32 i32) (call_indirect (type $ii) (local.get 0) (local.get 1) (i32.const 18))))

  (core module $allocator-module
    (import "engine" "{{malloc}}" (func $malloc (param i32) (result i32)))
    (import "memory" "memory" (memory 1))
    ;; Every block has a zero byte after it, so that a list of UTF-8 is a C string too. The canonical ABI never asks to grow one.
    (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $block i32)
      (if (local.get $old) (then (unreachable)))
      (if (i32.ge_u (local.get $size) (i32.const 0x7fffffff)) (then (unreachable)))
      (local.set $block (call $malloc (i32.add (local.get $size) (i32.const 1))))
      (if (i32.eqz (local.get $block)) (then (unreachable)))
      (i32.store8 (i32.add (local.get $block) (local.get $size)) (i32.const 0))
      (local.get $block)))

  (core module $adapter-module
    (import "memory" "memory" (memory 1))
    (import "memory" "grant" (func $grant (param i32 i32) (result i32)))
    (import "trampolines" "table" (table 19 19 funcref))
    (import "host" "wall-clock" (func $wall-clock (param i32)))
    (import "host" "monotonic-clock" (func $monotonic-clock (result i64)))
    (import "host" "random-bytes" (func $random-bytes (param i64 i32)))
    (import "host" "random-u64" (func $random-u64 (result i64)))
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (import "host" "get-stderr" (func $get-stderr (result i32)))
    (import "host" "write" (func $stream-write (param i32 i32 i32 i32)))
    (import "host" "drop-error" (func $drop-error (param i32)))
    (import "host" "call-tool" (func $call-tool (param i32 i32 i32 i32 i32)))
    (import "host" "file" (func $file (param i32 i32 i32 i32 i32 i32)))
    (import "engine" "{{__wasm_call_ctors}}" (func $call-constructors))
    (import "engine" "{{malloc}}" (func $malloc (param i32) (result i32)))
    (import "engine" "{{free}}" (func $free (param i32)))
    (import "engine" "{{QTS_NewRuntime}}" (func $new-runtime (result i32)))
    (import "engine" "{{QTS_NewContext}}" (func $new-context (param i32 i32) (result i32)))
    (import "engine" "{{QTS_RuntimeSetMaxStackSize}}" (func $set-max-stack-size (param i32 i32)))
    (import "engine" "{{QTS_RuntimeEnableModuleLoader}}" (func $enable-module-loader (param i32 i32)))
    (import "engine" "{{QTS_NewFunction}}" (func $new-function (param i32 i32 i32 i32 i32) (result i32)))
    (import "engine" "{{QTS_GetGlobalObject}}" (func $global-object (param i32) (result i32)))
    (import "engine" "{{QTS_SetProp}}" (func $set-property (param i32 i32 i32 i32)))
    (import "engine" "{{QTS_Eval}}" (func $eval (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "engine" "{{QTS_Call}}" (func $call (param i32 i32 i32 i32 i32) (result i32)))
    (import "engine" "{{QTS_Throw}}" (func $throw (param i32 i32) (result i32)))
    (import "engine" "{{QTS_ResolveException}}" (func $resolve-exception (param i32 i32) (result i32)))
    (import "engine" "{{QTS_GetUndefined}}" (func $undefined (result i32)))
    (import "engine" "{{QTS_GetNull}}" (func $null (result i32)))
    (import "engine" "{{QTS_NewFloat64}}" (func $new-number (param i32 f64) (result i32)))
    (import "engine" "{{QTS_GetFloat64}}" (func $get-number (param i32 i32) (result f64)))
    (import "engine" "{{QTS_NewString}}" (func $new-string (param i32 i32) (result i32)))
    (import "engine" "{{QTS_GetString}}" (func $get-string (param i32 i32) (result i32)))
    (import "engine" "{{QTS_FreeCString}}" (func $free-string (param i32 i32)))
    (import "engine" "{{QTS_NewArrayBuffer}}" (func $new-array-buffer (param i32 i32 i32) (result i32)))
    (import "engine" "{{QTS_GetArrayBuffer}}" (func $get-array-buffer (param i32 i32) (result i32)))
    (import "engine" "{{QTS_GetArrayBufferLength}}" (func $get-array-buffer-length (param i32 i32) (result i32)))
    (import "engine" "{{QTS_FreeValuePointer}}" (func $free-value (param i32 i32)))
    (import "engine" "{{QTS_ArgvGetJSValueConstPointer}}" (func $argument (param i32 i32) (result i32)))
    (import "engine" "{{QTS_IsJobPending}}" (func $is-job-pending (param i32) (result i32)))
    (import "engine" "{{QTS_ExecutePendingJob}}" (func $execute-pending-job (param i32 i32 i32) (result i32)))
    (import "engine" "{{QTS_PromiseState}}" (func $promise-state (param i32 i32) (result i32)))
    (import "engine" "{{QTS_PromiseResult}}" (func $promise-result (param i32 i32) (result i32)))

    (elem (i32.const 0)
      $assert-failed $fd-write $fd-close $environ-get $environ-sizes-get $normalize-module $load-module $should-interrupt
      $set-timer $resize-heap $keepalive $local-time $set-time-zone $fd-seek $date-now $abort $exit $call-function $free-host-reference)

    ;; All that outlives a call and is not in linear memory; exported so that a snapshot can hold it.
    (global $runtime (export "runtime") (mut i32) (i32.const 0))
    (global $context (export "context") (mut i32) (i32.const 0))
    (global $dispatch (export "dispatch") (mut i32) (i32.const 0))
    (global $scratch (export "scratch") (mut i32) (i32.const 0))
    (global $random-state (export "random-state") (mut i32) (i32.const 0))
    (global $booted (export "booted") (mut i32) (i32.const 0))
    (global $seeded (export "seeded") (mut i32) (i32.const 0))
    ;; Handles of the two standard streams, taken at the first write.
    (global $stdout (export "stdout") (mut i32) (i32.const -1))
    (global $stderr (export "stderr") (mut i32) (i32.const -1))
    ;; How many pages the engine may use. The memory can have more: it keeps what it grew to when a snapshot is put back.
    (global $pages (export "pages") (mut i32) (i32.const 0))
    ;; Set while the heap must do with what it has.
    (global $clearing (export "clearing") (mut i32) (i32.const 0))
    ;; How often more memory was asked for than the maximum allows.
    (global $refused (export "refused") (mut i32) (i32.const 0))

    ;; At boot the clock shows this moment: it makes the engine's random state a number that can be found (see $find-random-state).
    (global $boot-moment f64 (f64.const 1234567890123))
    (global $boot-random-state i64 (i64.const 1234567890123000))

    ;; --- exports ------------------------------------------------------------------------------------------------

    ;; Makes runtime and context and evaluates the prelude, whose value is the function that every later turn calls.
    (func (export "boot") (param $source i32) (param $length i32) (param $stack-bytes i32)
      (local $value i32)
      (if (global.get $booted) (then (unreachable)))
      (global.set $pages (memory.size))
      (call $call-constructors)
      (global.set $scratch (call $malloc (i32.const 64)))
      (global.set $runtime (call $new-runtime))
      (call $set-max-stack-size (global.get $runtime) (local.get $stack-bytes))
      (global.set $context (call $new-context (global.get $runtime) (i32.const 0)))
      (call $find-random-state)
      (call $enable-module-loader (global.get $runtime) (i32.const 1))
      (call $define (i32.const 0x61) (i32.const 1)) ;; a: evaluate
      (call $define (i32.const 0x62) (i32.const 2)) ;; b: write
      (call $define (i32.const 0x63) (i32.const 3)) ;; c: monotonic
      (call $define (i32.const 0x64) (i32.const 4)) ;; d: random
      (call $define (i32.const 0x65) (i32.const 5)) ;; e: callTool
      (call $define (i32.const 0x66) (i32.const 6)) ;; f: file
      (call $define (i32.const 0x67) (i32.const 7)) ;; g: promiseState
      (call $define (i32.const 0x68) (i32.const 8)) ;; h: promiseResult
      (call $define (i32.const 0x69) (i32.const 9)) ;; i: encodeUtf8
      ;; The file name "wardian:prelude", by which frames of the prelude are told from the guest's.
      (i64.store (global.get $scratch) (i64.const 0x3a6e616964726177))
      (i64.store offset=8 (global.get $scratch) (i64.const 0x006564756c657270))
      (local.set $value (call $eval (global.get $context) (local.get $source) (local.get $length) (global.get $scratch) (i32.const 0) (i32.const 0)))
      (if (call $resolve-exception (global.get $context) (local.get $value)) (then (unreachable)))
      (call $free (local.get $source))
      (global.set $dispatch (local.get $value))
      (call $clear-free-memory)
      (global.set $booted (i32.const 1)))

    ;; One turn of a run: tells the prelude what is new, lets promise jobs run, and asks it for the next step until that is a text.
    (func (export "turn") (param $kind i32) (param $text i32) (param $length i32) (result i32)
      (local $value i32) (local $string i32)
      (if (i32.and (i32.eqz (global.get $seeded)) (i32.eq (local.get $kind) (i32.const 1))) (then (call $seed)))
      (local.set $value (call $new-string (global.get $context) (local.get $text)))
      (call $free (local.get $text))
      (call $settle (call $send (f64.convert_i32_u (local.get $kind)) (local.get $value) (call $undefined)))
      (call $free-value (global.get $context) (local.get $value))
      (block $done
        (loop $again
          (call $run-jobs)
          (local.set $value (call $settle-step (call $send (f64.const 3) (call $undefined) (call $undefined))))
          (br_if $done (f64.ne (call $get-number (global.get $context) (local.get $value)) (f64.const 1)))
          (call $free-value (global.get $context) (local.get $value))
          (br $again)))
      (local.set $string (call $get-string (global.get $context) (local.get $value)))
      (call $free-value (global.get $context) (local.get $value))
      (i32.store offset=56 (global.get $scratch) (local.get $string))
      (i32.store offset=60 (global.get $scratch) (if (result i32) (local.get $string) (then (call $string-length (local.get $string))) (else (i32.const 0))))
      ;; Kind 0 is a script of the boot image.
      (if (i32.eqz (local.get $kind)) (then (call $clear-free-memory)))
      (i32.add (global.get $scratch) (i32.const 56)))

    (func (export "turn-done") (param $result i32)
      (local $string i32)
      (local.set $string (i32.load (local.get $result)))
      (if (local.get $string) (then (call $free-string (global.get $context) (local.get $string)))))

    ;; Zeroes what the boot has freed (the prelude's text three times, the parser's work), which else would be in the image and in
    ;; the memory of every sandbox: takes all of it, in pieces from 1 MiB down to 64 bytes, and gives it back.
    (func $clear-free-memory
      (local $size i32) (local $piece i32) (local $taken i32)
      (global.set $clearing (i32.const 1))
      (local.set $size (i32.const 0x100000))
      (loop $again
        (local.set $piece (call $malloc (local.get $size)))
        (if (local.get $piece)
          (then
            (memory.fill (local.get $piece) (i32.const 0) (local.get $size))
            (i32.store (local.get $piece) (local.get $taken))
            (local.set $taken (local.get $piece))
            (br $again)))
        (local.set $size (i32.shr_u (local.get $size) (i32.const 1)))
        (br_if $again (i32.ge_u (local.get $size) (i32.const 64))))
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $taken)))
          (local.set $piece (local.get $taken))
          (local.set $taken (i32.load (local.get $piece)))
          (i32.store (local.get $piece) (i32.const 0))
          (call $free (local.get $piece))
          (br $next)))
      (global.set $clearing (i32.const 0)))

    ;; --- talking to the prelude ---------------------------------------------------------------------------------

    ;; Puts host function `$id` into the global object under the one-letter name `$letter`; the prelude takes it away.
    (func $define (param $letter i32) (param $id i32)
      (local $global i32) (local $name i32) (local $function i32)
      (i32.store (global.get $scratch) (local.get $letter))
      (local.set $global (call $global-object (global.get $context)))
      (local.set $name (call $new-string (global.get $context) (global.get $scratch)))
      (local.set $function (call $new-function (global.get $context) (global.get $scratch) (i32.const 4) (i32.const 0) (local.get $id)))
      (call $set-property (global.get $context) (local.get $global) (local.get $name) (local.get $function))
      (call $free-value (global.get $context) (local.get $function))
      (call $free-value (global.get $context) (local.get $name))
      (call $free-value (global.get $context) (local.get $global)))

    (func $send (param $kind f64) (param $first i32) (param $second i32) (result i32)
      (local $number i32) (local $result i32)
      (local.set $number (call $new-number (global.get $context) (local.get $kind)))
      (i32.store offset=32 (global.get $scratch) (local.get $number))
      (i32.store offset=36 (global.get $scratch) (local.get $first))
      (i32.store offset=40 (global.get $scratch) (local.get $second))
      (local.set $result (call $call (global.get $context) (global.get $dispatch) (call $undefined) (i32.const 3) (i32.add (global.get $scratch) (i32.const 32))))
      (call $free-value (global.get $context) (local.get $number))
      (local.get $result))

    ;; Hands what the prelude itself threw (out of memory, stack overflow) back to it as the run's error.
    (func $settle (param $value i32)
      (call $free-value (global.get $context) (call $settle-step (local.get $value))))

    (func $settle-step (param $value i32) (result i32)
      (local $error i32) (local $result i32)
      (local.set $error (call $resolve-exception (global.get $context) (local.get $value)))
      (if (i32.eqz (local.get $error)) (then (return (local.get $value))))
      (local.set $result (call $send (f64.const 4) (local.get $error) (call $undefined)))
      (call $free-value (global.get $context) (local.get $error))
      (local.set $error (call $resolve-exception (global.get $context) (local.get $result)))
      ;; Twice in a row: the guest has nothing left to report with.
      (if (local.get $error) (then (unreachable)))
      (local.get $result))

    (func $run-jobs
      (block $none
        (loop $again
          (br_if $none (i32.eqz (call $is-job-pending (global.get $runtime))))
          (call $free-value (global.get $context)
            (call $execute-pending-job (global.get $runtime) (i32.const -1) (i32.add (global.get $scratch) (i32.const 48))))
          (br $again))))

    ;; Eight bytes at a time once the address is aligned, so that no word reaches over the end of memory. In the mask each zero byte
    ;; has its top bit set, and bytes after the first zero may have it too.
    (func $string-length (param $string i32) (result i32)
      (local $end i32) (local $word i64) (local $mask i64)
      (local.set $end (local.get $string))
      (loop $next
        (if (i32.and (local.get $end) (i32.const 7))
          (then
            (if (i32.eqz (i32.load8_u (local.get $end))) (then (return (i32.sub (local.get $end) (local.get $string)))))
            (local.set $end (i32.add (local.get $end) (i32.const 1)))
            (br $next))))
      (loop $next
        (local.set $word (i64.load (local.get $end)))
        (local.set $mask
          (i64.and
            (i64.and (i64.sub (local.get $word) (i64.const 0x0101010101010101)) (i64.xor (local.get $word) (i64.const -1)))
            (i64.const 0x8080808080808080)))
        (if (i64.eqz (local.get $mask))
          (then
            (local.set $end (i32.add (local.get $end) (i32.const 8)))
            (br $next))))
      (i32.add
        (i32.sub (local.get $end) (local.get $string))
        (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $mask)) (i64.const 3)))))

    ;; The length that argument `$index` gives, or that of the C string if it is negative: only text with NUL gives one.
    (func $text-length (param $string i32) (param $argv i32) (param $index i32) (result i32)
      (local $given f64)
      (local.set $given (call $get-number (global.get $context) (call $argument (local.get $argv) (local.get $index))))
      (if (f64.ge (local.get $given) (f64.const 0)) (then (return (i32.trunc_sat_f64_u (local.get $given)))))
      (call $string-length (local.get $string)))

    ;; Math.random's state is a number inside the context that is set from the clock and has no setter: find it once, while
    ;; it still has the value of the boot moment, so that each sandbox can be given its own.
    (func $find-random-state
      (local $address i32) (local $end i32)
      (local.set $address (global.get $context))
      (local.set $end (i32.add (local.get $address) (i32.const 2048)))
      (loop $next
        (if (i64.eq (i64.load (local.get $address)) (global.get $boot-random-state))
          (then (global.set $random-state (local.get $address)) (return)))
        (local.set $address (i32.add (local.get $address) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $address) (local.get $end))))
      (unreachable))

    (func $seed
      (local $state i64)
      (global.set $seeded (i32.const 1))
      (local.set $state (call $random-u64))
      ;; Zero is the fixed point of the engine's xorshift64*.
      (if (i64.eqz (local.get $state)) (then (local.set $state (i64.const 1))))
      (i64.store (global.get $random-state) (local.get $state)))

    ;; --- functions of the prelude -------------------------------------------------------------------------------

    (func $call-function (param $context i32) (param $this i32) (param $argc i32) (param $argv i32) (param $id i32) (result i32)
      (block $i (block $h (block $g (block $f (block $e (block $d (block $c (block $b (block $a
        (br_table $a $b $c $d $e $f $g $h $i $i (i32.sub (local.get $id) (i32.const 1))))
        (return (call $do-evaluate (local.get $argv))))
        (return (call $do-write (local.get $argv))))
        (return (call $new-number (global.get $context) (f64.div (f64.convert_i64_u (call $monotonic-clock)) (f64.const 1000000)))))
        (return (call $do-random (local.get $argv))))
        (return (call $do-call-tool (local.get $argv))))
        (return (call $do-file (local.get $argv))))
        (return (call $new-number (global.get $context) (f64.convert_i32_s (call $promise-state (global.get $context) (call $argument (local.get $argv) (i32.const 0)))))))
        (return (call $promise-result (global.get $context) (call $argument (local.get $argv) (i32.const 0)))))
      (call $do-encode-utf8 (local.get $argv)))

    ;; Throws null, as the engine itself does when it is out of memory and can't even make an error.
    (func $fail (result i32)
      (call $throw (global.get $context) (call $null)))

    ;; a(source, byteLength or -1, filename, flags)
    (func $do-evaluate (param $argv i32) (result i32)
      (local $source i32) (local $filename i32) (local $result i32)
      (local.set $source (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 0))))
      (if (i32.eqz (local.get $source)) (then (return (call $fail))))
      (local.set $filename (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 2))))
      (if (i32.eqz (local.get $filename)) (then (return (call $fail))))
      (local.set $result
        (call $eval (global.get $context) (local.get $source) (call $text-length (local.get $source) (local.get $argv) (i32.const 1)) (local.get $filename) (i32.const 0)
          (i32.trunc_sat_f64_u (call $get-number (global.get $context) (call $argument (local.get $argv) (i32.const 3))))))
      (call $free-string (global.get $context) (local.get $source))
      (call $free-string (global.get $context) (local.get $filename))
      (local.get $result))

    ;; b(1 or 2, text, byteLength or -1)
    (func $do-write (param $argv i32) (result i32)
      (local $stream i32) (local $text i32) (local $at i32) (local $left i32) (local $piece i32)
      (local.set $text (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 1))))
      (if (i32.eqz (local.get $text)) (then (return (call $fail))))
      (local.set $stream
        (if (result i32) (f64.eq (call $get-number (global.get $context) (call $argument (local.get $argv) (i32.const 0))) (f64.const 2))
          (then
            (if (i32.eq (global.get $stderr) (i32.const -1)) (then (global.set $stderr (call $get-stderr))))
            (global.get $stderr))
          (else
            (if (i32.eq (global.get $stdout) (i32.const -1)) (then (global.set $stdout (call $get-stdout))))
            (global.get $stdout))))
      (local.set $at (local.get $text))
      (local.set $left (call $text-length (local.get $text) (local.get $argv) (i32.const 2)))
      ;; 4096 bytes are what wasi:io promises to take at once.
      (block $written
        (loop $next
          (br_if $written (i32.eqz (local.get $left)))
          (local.set $piece (select (i32.const 4096) (local.get $left) (i32.gt_u (local.get $left) (i32.const 4096))))
          (call $stream-write (local.get $stream) (local.get $at) (local.get $piece) (global.get $scratch))
          (if (i32.load8_u (global.get $scratch))
            (then
              (if (i32.eqz (i32.load8_u offset=4 (global.get $scratch))) (then (call $drop-error (i32.load offset=8 (global.get $scratch)))))
              (br $written)))
          (local.set $at (i32.add (local.get $at) (local.get $piece)))
          (local.set $left (i32.sub (local.get $left) (local.get $piece)))
          (br $next)))
      (call $free-string (global.get $context) (local.get $text))
      (call $undefined))

    ;; i(text, byteLength or -1) → ArrayBuffer
    (func $do-encode-utf8 (param $argv i32) (result i32)
      (local $text i32) (local $length i32) (local $copy i32)
      (local.set $text (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 0))))
      (if (i32.eqz (local.get $text)) (then (return (call $fail))))
      (local.set $length (call $text-length (local.get $text) (local.get $argv) (i32.const 1)))
      (local.set $copy (call $malloc (i32.add (local.get $length) (i32.const 1))))
      (if (local.get $copy) (then (memory.copy (local.get $copy) (local.get $text) (local.get $length))))
      (call $free-string (global.get $context) (local.get $text))
      (if (i32.eqz (local.get $copy)) (then (return (call $fail))))
      (call $new-array-buffer (global.get $context) (local.get $copy) (local.get $length)))

    ;; d(count) → ArrayBuffer
    (func $do-random (param $argv i32) (result i32)
      (call $random-bytes (i64.trunc_sat_f64_u (call $get-number (global.get $context) (call $argument (local.get $argv) (i32.const 0)))) (global.get $scratch))
      (call $new-array-buffer (global.get $context) (i32.load (global.get $scratch)) (i32.load offset=4 (global.get $scratch))))

    ;; e(name, argumentsJson) → text
    (func $do-call-tool (param $argv i32) (result i32)
      (local $name i32) (local $text i32)
      (local.set $name (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 0))))
      (if (i32.eqz (local.get $name)) (then (return (call $fail))))
      (local.set $text (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 1))))
      (if (i32.eqz (local.get $text)) (then (return (call $fail))))
      (call $call-tool (local.get $name) (call $string-length (local.get $name)) (local.get $text) (call $string-length (local.get $text)) (global.get $scratch))
      (call $free-string (global.get $context) (local.get $name))
      (call $free-string (global.get $context) (local.get $text))
      (call $take-reply))

    ;; f(operation, text, ArrayBuffer) → text, ArrayBuffer or undefined
    (func $do-file (param $argv i32) (result i32)
      (local $text i32) (local $data i32) (local $length i32)
      (local.set $text (call $get-string (global.get $context) (call $argument (local.get $argv) (i32.const 1))))
      (if (i32.eqz (local.get $text)) (then (return (call $fail))))
      (local.set $length (call $get-array-buffer-length (global.get $context) (call $argument (local.get $argv) (i32.const 2))))
      (if (local.get $length) (then (local.set $data (call $get-array-buffer (global.get $context) (call $argument (local.get $argv) (i32.const 2))))))
      ;; Not an array buffer: the guest called with something else.
      (if (i32.eqz (local.get $data)) (then (local.set $length (i32.const 0))))
      (call $file (i32.trunc_sat_f64_u (call $get-number (global.get $context) (call $argument (local.get $argv) (i32.const 0))))
        (local.get $text) (call $string-length (local.get $text)) (local.get $data) (local.get $length) (global.get $scratch))
      (call $free-string (global.get $context) (local.get $text))
      (call $take-reply))

    (func $take-reply (result i32)
      (local $tag i32) (local $block i32) (local $value i32)
      (local.set $tag (i32.load8_u (global.get $scratch)))
      (local.set $block (i32.load offset=4 (global.get $scratch)))
      (if (i32.eq (local.get $tag) (i32.const 2)) (then (return (call $undefined))))
      (if (i32.eq (local.get $tag) (i32.const 1))
        (then (return (call $new-array-buffer (global.get $context) (local.get $block) (i32.load offset=8 (global.get $scratch))))))
      (local.set $value (call $new-string (global.get $context) (local.get $block)))
      (call $free (local.get $block))
      (local.get $value))

    ;; --- what the engine imports --------------------------------------------------------------------------------

    (func $normalize-module (param $rt i32) (param $ctx i32) (param $base i32) (param $name i32) (result i32)
      (local $base-value i32) (local $name-value i32) (local $value i32)
      (local.set $base-value (call $new-string (global.get $context) (local.get $base)))
      (local.set $name-value (call $new-string (global.get $context) (local.get $name)))
      (local.set $value (call $send (f64.const 5) (local.get $base-value) (local.get $name-value)))
      (call $free-value (global.get $context) (local.get $base-value))
      (call $free-value (global.get $context) (local.get $name-value))
      (call $copy-string (local.get $value)))

    ;; Null and a pending exception if there is no such module.
    (func $load-module (param $rt i32) (param $ctx i32) (param $name i32) (result i32)
      (local $name-value i32) (local $value i32)
      (local.set $name-value (call $new-string (global.get $context) (local.get $name)))
      (local.set $value (call $send (f64.const 6) (local.get $name-value) (call $undefined)))
      (call $free-value (global.get $context) (local.get $name-value))
      (call $copy-string (local.get $value)))

    ;; A C string of its own for a string value, which is freed; null, with the exception pending again, for an exception.
    (func $copy-string (param $value i32) (result i32)
      (local $error i32) (local $string i32) (local $size i32) (local $copy i32)
      (local.set $error (call $resolve-exception (global.get $context) (local.get $value)))
      (if (local.get $error)
        (then
          (call $free-value (global.get $context) (call $throw (global.get $context) (local.get $error)))
          (call $free-value (global.get $context) (local.get $error))
          (return (i32.const 0))))
      (local.set $string (call $get-string (global.get $context) (local.get $value)))
      (if (i32.eqz (local.get $string)) (then (unreachable)))
      (local.set $size (i32.add (call $string-length (local.get $string)) (i32.const 1)))
      (local.set $copy (call $malloc (local.get $size)))
      (if (i32.eqz (local.get $copy)) (then (unreachable)))
      (memory.copy (local.get $copy) (local.get $string) (local.get $size))
      (call $free-string (global.get $context) (local.get $string))
      (call $free-value (global.get $context) (local.get $value))
      (local.get $copy))

    (func $date-now (result f64)
      (if (i32.eqz (global.get $booted)) (then (return (global.get $boot-moment))))
      (call $wall-clock (global.get $scratch))
      (f64.add
        (f64.mul (f64.convert_i64_u (i64.load (global.get $scratch))) (f64.const 1000))
        (f64.div (f64.convert_i32_u (i32.load offset=8 (global.get $scratch))) (f64.const 1000000))))

    ;; sbrk asks for each of its steps. Grants an eighth more than asked for, else what was asked for.
    (func $resize-heap (param $bytes i32) (result i32)
      (local $have i32) (local $need i32)
      (if (global.get $clearing) (then (return (i32.const 0))))
      (local.set $have (global.get $pages))
      (local.set $need (i32.add (i32.shr_u (local.get $bytes) (i32.const 16)) (i32.ne (i32.and (local.get $bytes) (i32.const 0xffff)) (i32.const 0))))
      (if (i32.le_u (local.get $need) (local.get $have)) (then (return (i32.const 1))))
      (if (call $set-pages (local.get $have) (i32.add (local.get $need) (i32.shr_u (local.get $have) (i32.const 3)))) (then (return (i32.const 1))))
      (if (call $set-pages (local.get $have) (local.get $need)) (then (return (i32.const 1))))
      (global.set $refused (i32.add (global.get $refused) (i32.const 1)))
      (i32.const 0))
    (func $set-pages (param $have i32) (param $need i32) (result i32)
      (if (i32.eqz (call $grant (local.get $have) (local.get $need))) (then (return (i32.const 0))))
      (global.set $pages (local.get $need))
      (i32.const 1))

    ;; Universal time in every sandbox: all fields zero, of which the engine reads only the offset.
    (func $local-time (param $time i64) (param $fields i32)
      (memory.fill (local.get $fields) (i32.const 0) (i32.const 44)))
    (func $set-time-zone (param $timezone i32) (param $daylight i32) (param $standard-name i32) (param $daylight-name i32)
      (i32.store (local.get $timezone) (i32.const 0))
      (i32.store (local.get $daylight) (i32.const 0))
      (i32.store (local.get $standard-name) (i32.const 0x435455))
      (i32.store (local.get $daylight-name) (i32.const 0x435455)))

    ;; The C library's own files and environment: there are none. 8 is EBADF.
    (func $fd-write (param $fd i32) (param $vectors i32) (param $count i32) (param $written i32) (result i32) (i32.const 8))
    (func $fd-close (param $fd i32) (result i32) (i32.const 8))
    (func $fd-seek (param $fd i32) (param $offset i64) (param $whence i32) (param $result i32) (result i32) (i32.const 8))
    (func $environ-get (param $pointers i32) (param $buffer i32) (result i32) (i32.const 0))
    (func $environ-sizes-get (param $count i32) (param $size i32) (result i32)
      (i32.store (local.get $count) (i32.const 0))
      (i32.store (local.get $size) (i32.const 0))
      (i32.const 0))

    (func $should-interrupt (param $rt i32) (result i32) (i32.const 0))
    (func $set-timer (param $which i32) (param $timeout f64) (result i32) (i32.const -1))
    (func $keepalive)
    (func $free-host-reference (param $rt i32) (param $id i32))
    (func $assert-failed (param $condition i32) (param $file i32) (param $line i32) (param $function i32) (unreachable))
    (func $abort (unreachable))
    (func $exit (param $code i32) (unreachable)))

  (core instance $memory (instantiate $memory-module))
  (core instance $trampolines (instantiate $trampoline-module))
  (core instance $engine (instantiate $engine-module
    (with "a" (instance
      (export "a" (memory $memory "memory"))
      (export "b" (func $trampolines "b"))
      (export "c" (func $trampolines "c"))
      (export "d" (func $trampolines "d"))
      (export "e" (func $trampolines "e"))
      (export "f" (func $trampolines "f"))
      (export "g" (func $trampolines "g"))
      (export "h" (func $trampolines "h"))
      (export "i" (func $trampolines "i"))
      (export "j" (func $trampolines "j"))
      (export "k" (func $trampolines "k"))
      (export "l" (func $trampolines "l"))
      (export "m" (func $trampolines "m"))
      (export "n" (func $trampolines "n"))
      (export "o" (func $trampolines "o"))
      (export "p" (func $trampolines "p"))
      (export "q" (func $trampolines "q"))
      (export "r" (func $trampolines "r"))
      (export "s" (func $trampolines "s"))
      (export "t" (func $trampolines "t"))))))
  (core instance $allocator (instantiate $allocator-module
    (with "engine" (instance $engine))
    (with "memory" (instance $memory))))

  (alias core export $memory "memory" (core memory $linear))
  (alias core export $allocator "cabi_realloc" (core func $realloc))

  (core func $wall-clock-now (canon lower (func $wall-clock "now") (memory $linear)))
  (core func $monotonic-clock-now (canon lower (func $monotonic-clock "now")))
  (core func $random-get-bytes (canon lower (func $random "get-random-bytes") (memory $linear) (realloc $realloc)))
  (core func $random-get-u64 (canon lower (func $random "get-random-u64")))
  (core func $stdout-get (canon lower (func $stdout "get-stdout")))
  (core func $stderr-get (canon lower (func $stderr "get-stderr")))
  (core func $stream-write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $linear)))
  (core func $error-drop (canon resource.drop $error))
  (core func $host-call-tool (canon lower (func $host "call-tool") (memory $linear) (realloc $realloc)))
  (core func $host-file (canon lower (func $host "file") (memory $linear) (realloc $realloc)))

  (core instance $adapter (instantiate $adapter-module
    (with "memory" (instance $memory))
    (with "trampolines" (instance $trampolines))
    (with "engine" (instance $engine))
    (with "host" (instance
      (export "wall-clock" (func $wall-clock-now))
      (export "monotonic-clock" (func $monotonic-clock-now))
      (export "random-bytes" (func $random-get-bytes))
      (export "random-u64" (func $random-get-u64))
      (export "get-stdout" (func $stdout-get))
      (export "get-stderr" (func $stderr-get))
      (export "write" (func $stream-write))
      (export "drop-error" (func $error-drop))
      (export "call-tool" (func $host-call-tool))
      (export "file" (func $host-file))))))

  (func (export "boot") (param "prelude" (list u8)) (param "stack-bytes" u32)
    (canon lift (core func $adapter "boot") (memory $linear) (realloc $realloc)))
  (func (export "turn") (param "kind" u32) (param "text" (list u8)) (result (list u8))
    (canon lift (core func $adapter "turn") (memory $linear) (realloc $realloc) (post-return (core func $adapter "turn-done"))))
)
