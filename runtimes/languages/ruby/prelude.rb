# Runs inside the Ruby guest before anything else: the way to the host.
require "json"
require "set"

# What a sandbox gives to its guest.
module Wardian
  # A tool of the host's failed, was refused or does not exist; error_name says which.
  class ToolError < StandardError
    attr_reader :error_name

    def initialize(error_name, message)
      @error_name = error_name
      super(message)
    end
  end

  class << self
    # Calls a tool of the host's: Wardian.tool("search", query: "x")
    def tool(name, arguments = nil, **named)
      name = name.to_s
      raise ArgumentError, "the name of a tool has no spaces" unless name.match?(/\A\S+\z/)
      arguments = (arguments || {}).merge(named)
      Host.say("tool #{name} #{JSON.generate(arguments)}")
      reply = Host.hear
      return JSON.parse(reply, max_nesting: 512) unless reply.start_with?("e")
      raise ToolError.new(*JSON.parse(reply[1..])), cause: nil
    end

    # Makes a value that of the run, in place of the last expression's.
    def result(value)
      Host.result = [value]
      value
    end
  end

  module Host # :nodoc: all
    MAX_DEPTH = 200
    FILE = "(wardian)"
    SAFE = 2**53 - 1

    class << self
      attr_writer :result

      def say(line)
        File.open("/dev/wardian", "wb") { |file| file.write(line.b, "\n") }
      end

      def hear
        line = File.open("/dev/wardian", "rb", &:gets) or raise ToolError.new("ToolError", "The host does not answer")
        line.chomp.force_encoding(Encoding::UTF_8)
      end

      # By the grammar of a run's value.
      def encode(value, depth = 0)
        raise ArgumentError, "a value nests deeper than #{MAX_DEPTH} levels, or holds itself" if depth > MAX_DEPTH
        case value
        when nil then "null"
        when true, false then value.to_s
        when Integer then value.abs <= SAFE ? value.to_s : %({"i":"#{value}"})
        when Float then number(value)
        when String then text(value)
        when Symbol then text(value.name)
        when Array then "[#{value.map { |item| encode(item, depth + 1) }.join(",")}]"
        when Set then %({"s":[#{value.map { |item| encode(item, depth + 1) }.join(",")}]})
        when Hash then hash(value, depth + 1)
        when Time then %({"d":#{(value.to_r * 1000).floor}})
        else %({"x":[#{text(value.class.to_s)},#{text(shown(value))}]})
        end
      end

      def run
        request = JSON.parse(hear)
        begin_run(request)
        source = request["source"]
        filename = request["filename"]
        value = TOPLEVEL_BINDING.eval(source, filename, 1)
        value = @result[0] if @result
        finish
        say("value #{encode(value)}")
      rescue SystemExit => error
        finish
        say("exit #{error.status & 255}")
      rescue Exception => error # rubocop:disable Lint/RescueException
        finish
        say("error #{describe(error, filename)}")
      end

      private

      def begin_run(request)
        ENV.replace(request["env"]) if request["env"]
        srand(request["seed"]) if request["seed"]
        ARGV.replace(request["args"])
        $0 = request["filename"]
        @result = nil
        # Each run has an input of its own.
        $stdin = IO.for_fd(0, "r", autoclose: false)
        Object.send(:remove_const, :STDIN)
        Object.const_set(:STDIN, $stdin)
        $stdout = STDOUT
        $stderr = STDERR
      end

      def finish
        STDOUT.flush
        STDERR.flush
      end

      def number(value)
        return %({"n":"NaN"}) if value.nan?
        return %({"n":"#{value.positive? ? "" : "-"}Infinity"}) if value.infinite?
        value.zero? && 1 / value < 0 ? '{"n":"-0"}' : value.to_s
      end

      def text(value)
        utf8 = value.encoding == Encoding::BINARY ? value.dup.force_encoding(Encoding::UTF_8) : value.encode(Encoding::UTF_8)
        return JSON.generate(utf8) if utf8.valid_encoding?
        %({"b":"#{[value].pack("m0")}"})
      rescue EncodingError
        %({"b":"#{[value].pack("m0")}"})
      end

      def hash(value, depth)
        named = value.keys.all? { |key| key.is_a?(String) && key.valid_encoding? || key.is_a?(Symbol) }
        return %({"m":[#{value.map { |key, item| "#{encode(key, depth)},#{encode(item, depth)}" }.join(",")}]}) unless named
        %({"o":[#{value.map { |key, item| "#{JSON.generate(key.to_s.encode(Encoding::UTF_8))},#{encode(item, depth)}" }.join(",")}]})
      end

      def shown(value)
        value.inspect[0, 1000].scrub
      rescue Exception # rubocop:disable Lint/RescueException
        "?"
      end

      def describe(error, filename)
        frames = (error.backtrace || []).reject do |frame|
          frame.start_with?(FILE, "<internal:", "eval:1:in ") || frame == "#{filename}:in 'Kernel.eval'"
        end
        frames = frames.first(50) + ["…"] + frames.last(20) if frames.size > 80
        message = error.message.to_s.dup.force_encoding(Encoding::UTF_8).scrub[0, 50_000]
        place = frames.first || filename
        trace = "#{place}: #{message} (#{error.class})\n" + frames.drop(1).map { |frame| "\tfrom #{frame}\n" }.join
        own = /\A#{Regexp.escape(filename.to_s)}:(\d+)/
        at = error.is_a?(SyntaxError) ? message[/#{Regexp.escape(filename.to_s)}:(\d+)/, 1] : nil
        at ||= frames.filter_map { |frame| frame[own, 1] }.first
        name = error.is_a?(ToolError) ? error.error_name : error.class.to_s
        name = "MemoryError" if error.is_a?(NoMemoryError)
        report = { name: name, message: message, traceback: trace.scrub }
        report[:line] = at.to_i if at
        JSON.generate(report)
      end
    end
  end
end

$VERBOSE = nil
STDOUT.sync = true
STDERR.sync = true
nil
