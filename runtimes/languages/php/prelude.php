<?php
// Runs before the main script (auto_prepend_file): the way to the host, and the streams that the CGI program lacks.
declare(strict_types=1);

namespace Wardian {
    /** A tool of the host's failed, was refused or does not exist; `$errorName` says which. */
    class ToolError extends \RuntimeException
    {
        public function __construct(public readonly string $errorName, string $message)
        {
            parent::__construct($message);
        }
    }

    /** Calls a tool of the host's: `Wardian\tool("search", ["query" => "x"])`. */
    function tool(string $name, array $arguments = []): mixed
    {
        if (preg_match('/^\S+$/', $name) !== 1) {
            throw new \ValueError("The name of a tool has no spaces");
        }
        $json = json_encode((object) $arguments, JSON_THROW_ON_ERROR | Host::JSON);
        $reply = Host::ask("tool $name $json");
        if ($reply[0] !== 'e') {
            return json_decode($reply, true, 512, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
        }
        $failure = json_decode(substr($reply, 1), true);
        throw new ToolError($failure[0], $failure[1]);
    }

    /** Makes a value that of the run. */
    function result(mixed $value): void
    {
        Host::say('value ' . Host::encode($value, 0));
    }

    /** @internal */
    final class Host
    {
        public const JSON = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
        private const MAX_DEPTH = 200;
        private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;

        public static function say(string $line): void
        {
            $file = fopen('/dev/wardian', 'wb');
            stream_set_write_buffer($file, 0);
            for ($at = 0, $end = strlen($line) + 1; $at < $end;) {
                $written = fwrite($file, substr($line . "\n", $at, 65536));
                if ($written === false || $written === 0) {
                    break;
                }
                $at += $written;
            }
            fclose($file);
        }

        public static function hear(): string
        {
            $file = fopen('/dev/wardian', 'rb');
            $line = fgets($file);
            fclose($file);
            if ($line === false || $line === '') {
                throw new ToolError('ToolError', 'The host does not answer');
            }
            return rtrim($line, "\n");
        }

        public static function ask(string $line): string
        {
            self::say($line);
            return self::hear();
        }

        /** By the grammar of a run's value. */
        public static function encode(mixed $value, int $depth): string
        {
            if ($depth > self::MAX_DEPTH) {
                throw new \ValueError('A value nests deeper than 200 levels, or holds itself');
            }
            switch (true) {
                case $value === null || is_bool($value):
                    return json_encode($value);
                case is_int($value):
                    return abs($value) <= 9007199254740991 ? (string) $value : '{"i":"' . $value . '"}';
                case is_float($value):
                    if (is_nan($value)) {
                        return '{"n":"NaN"}';
                    }
                    if (is_infinite($value)) {
                        return $value > 0 ? '{"n":"Infinity"}' : '{"n":"-Infinity"}';
                    }
                    return $value === 0.0 && fdiv(1.0, $value) < 0 ? '{"n":"-0"}' : json_encode($value);
                case is_string($value):
                    $json = json_encode($value, self::JSON);
                    return $json === false ? '{"b":"' . base64_encode($value) . '"}' : $json;
                case is_array($value) && array_is_list($value):
                    $items = [];
                    foreach ($value as $item) {
                        $items[] = self::encode($item, $depth + 1);
                    }
                    return '[' . implode(',', $items) . ']';
                case $value instanceof \DateTimeInterface:
                    return '{"d":' . json_encode((float) $value->format('U.v') * 1000) . '}';
                case $value instanceof \JsonSerializable:
                    return self::encode($value->jsonSerialize(), $depth + 1);
                case is_array($value) || $value instanceof \stdClass:
                    $items = [];
                    foreach ((array) $value as $name => $item) {
                        $text = json_encode((string) $name, self::JSON | JSON_INVALID_UTF8_SUBSTITUTE);
                        $items[] = $text . ',' . self::encode($item, $depth + 1);
                    }
                    return '{"o":[' . implode(',', $items) . ']}';
                default:
                    return '{"x":[' . json_encode(get_debug_type($value)) . ',' . json_encode(get_debug_type($value)) . ']}';
            }
        }

        public static function fail(string $name, string $message, string $trace, int $line): void
        {
            $error = ['name' => $name, 'message' => $message, 'traceback' => $trace, 'line' => $line];
            self::say('error ' . json_encode($error, self::JSON | JSON_INVALID_UTF8_SUBSTITUTE));
        }

        public static function uncaught(\Throwable $error): void
        {
            $main = $_SERVER['argv'][0] ?? '';
            $line = $error->getFile() === $main ? $error->getLine() : 0;
            foreach ($error->getTrace() as $frame) {
                if ($line === 0 && ($frame['file'] ?? '') === $main) {
                    $line = $frame['line'];
                }
            }
            $name = $error instanceof ToolError ? $error->errorName : $error::class;
            $trace = 'PHP Fatal error:  Uncaught ' . $error . "\n";
            self::fail($name, $error->getMessage(), str_replace('/dev/wardian.php', '[wardian]', $trace), $line);
        }

        /** What no exception says: syntax errors, calls that end the program. */
        public static function ended(): void
        {
            $last = error_get_last();
            if ($last === null || ($last['type'] & self::FATAL) === 0) {
                return;
            }
            $name = $last['type'] === E_PARSE ? 'ParseError' : 'Error';
            $trace = "PHP Fatal error:  {$last['message']} in {$last['file']} on line {$last['line']}\n";
            self::fail($name, $last['message'], $trace, $last['line']);
        }
    }

    /** @internal `php://stdin`, `stdout` and `stderr`, which the program opens in a way that this system does not have. */
    final class Streams
    {
        private const DEVICES = ['stdin' => '/dev/stdin', 'stdout' => '/dev/stdout', 'stderr' => '/dev/stderr'];
        public mixed $context = null;
        private mixed $stream = null;

        public function stream_open(string $path, string $mode): bool
        {
            $name = strtolower(substr($path, strlen('php://')));
            $device = self::DEVICES[$name] ?? null;
            if ($device === null) {
                stream_wrapper_restore('php');
                try {
                    $this->stream = fopen($path, $mode);
                } finally {
                    stream_wrapper_unregister('php');
                    stream_wrapper_register('php', self::class);
                }
            } else {
                $this->stream = fopen($device, $name === 'stdin' ? 'rb' : 'wb');
            }
            return $this->stream !== false;
        }

        public function stream_read(int $count): string|false
        {
            return fread($this->stream, $count);
        }

        public function stream_write(string $bytes): int
        {
            return (int) fwrite($this->stream, $bytes);
        }

        public function stream_eof(): bool
        {
            return feof($this->stream);
        }

        public function stream_flush(): bool
        {
            return fflush($this->stream);
        }

        public function stream_close(): void
        {
            fclose($this->stream);
        }

        public function stream_tell(): int
        {
            return (int) ftell($this->stream);
        }

        public function stream_seek(int $offset, int $whence): bool
        {
            return fseek($this->stream, $offset, $whence) === 0;
        }

        public function stream_stat(): array|false
        {
            return fstat($this->stream);
        }

        public function stream_truncate(int $size): bool
        {
            return ftruncate($this->stream, $size);
        }

        public function stream_set_option(): bool
        {
            return false;
        }
    }
}

namespace {
    stream_wrapper_unregister('php');
    stream_wrapper_register('php', Wardian\Streams::class);
    define('STDIN', fopen('/dev/stdin', 'rb'));
    define('STDOUT', fopen('/dev/stdout', 'wb'));
    define('STDERR', fopen('/dev/stderr', 'wb'));
    stream_set_write_buffer(STDOUT, 0);
    stream_set_write_buffer(STDERR, 0);
    set_exception_handler([Wardian\Host::class, 'uncaught']);
    register_shutdown_function([Wardian\Host::class, 'ended']);
    mt_srand(random_int(0, 0x7fffffff));
}
