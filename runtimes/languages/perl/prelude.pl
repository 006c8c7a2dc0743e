# Runs inside the Perl guest before anything else: the way to the host. Strings are bytes, as they are in a source without
# "use utf8"; what goes to the host is read as UTF-8.
package wardian;
use strict;
use warnings;
no warnings 'experimental';
use JSON::PP ();

our $result;
our $json = JSON::PP->new->latin1(0)->allow_nonref->max_depth(512);
our $file = '(wardian)';

# An error of a tool: { name, message }.
package wardian::ToolError;
use overload '""' => sub { "$_[0]{name}: $_[0]{message}\n" }, fallback => 1;

package wardian;

sub say_host {
    my ($line) = @_;
    open(my $host, '>:raw', '/dev/wardian') or die "Cannot reach the host: $!\n";
    print {$host} $line, "\n";
    close($host);
}

sub hear_host {
    open(my $host, '<:raw', '/dev/wardian') or die "Cannot reach the host: $!\n";
    local $/ = "\n";
    my $line = <$host>;
    close($host);
    die "The host does not answer\n" unless defined $line;
    chomp $line;
    return $line;
}

# wardian::tool("search", query => "x") or wardian::tool("search", { query => "x" })
sub tool {
    my ($name, @rest) = @_;
    die "The name of a tool has no spaces\n" unless defined $name && $name =~ /\A\S+\z/;
    my $arguments = @rest == 1 && ref $rest[0] eq 'HASH' ? $rest[0] : {@rest};
    say_host("tool $name " . encode($arguments, 0, 0));
    my $reply = hear_host();
    return plain($json->decode($reply)) unless substr($reply, 0, 1) eq 'e';
    my $failure = plain($json->decode(substr($reply, 1)));
    die bless { name => $failure->[0], message => $failure->[1] }, 'wardian::ToolError';
}

# Makes a value that of the run.
sub result {
    $result = [$_[0]];
    return $_[0];
}

# What JSON::PP decoded: truth values as Perl's own, texts as bytes.
sub plain {
    my ($value) = @_;
    if (ref $value eq 'ARRAY') { $_ = plain($_) for @$value }
    elsif (ref $value eq 'HASH') { return { map { (bytes($_), plain($value->{$_})) } keys %$value } }
    elsif (ref $value eq 'JSON::PP::Boolean') { return $$value ? !!1 : !!0 }
    elsif (defined $value && !ref $value && !builtin::created_as_number($value)) { return bytes($value) }
    return $value;
}

# The line was read as bytes; only what it had escaped are characters.
sub bytes {
    my ($text) = @_;
    utf8::downgrade($text, 1) or utf8::encode($text);
    return $text;
}

my %escapes = ('"' => '\\"', '\\' => '\\\\', "\n" => '\\n', "\r" => '\\r', "\t" => '\\t');

sub text {
    my ($value, $tagged) = @_;
    my $copy = "$value";
    if (utf8::is_utf8($copy)) { utf8::encode($copy) }
    else {
        my $test = $copy;
        unless (utf8::decode($test)) {
            return '{"b":"' . base64($copy) . '"}' if $tagged;
            utf8::upgrade($copy);
            utf8::encode($copy);
        }
    }
    $copy =~ s/(["\\\x00-\x1f\x7f])/$escapes{$1} \/\/ sprintf('\\u%04x', ord $1)/ge;
    return qq("$copy");
}

sub base64 {
    my $out = pack('u', $_[0]);
    $out =~ s/^.//mg;
    $out =~ tr{` -_}{AA-Za-z0-9+/};
    $out =~ s/\n//g;
    my $missing = (3 - length($_[0]) % 3) % 3;
    substr($out, -$missing) = '=' x $missing if $missing;
    return $out;
}

sub number {
    my ($value, $tagged) = @_;
    return $tagged ? '{"n":"NaN"}' : 'null' if $value != $value;
    return $tagged ? ('{"n":"' . ($value > 0 ? '' : '-') . 'Infinity"}') : 'null' if abs($value) == 9**9**9;
    if ($value == int($value) && abs($value) > 9007199254740991 && "$value" =~ /\A-?\d+\z/) {
        return $tagged ? qq({"i":"$value"}) : "$value";
    }
    return '' . (0 + $value);
}

# `tagged`: by the grammar of a run's value; else plain JSON, for the arguments of tools.
sub encode {
    my ($value, $tagged, $depth) = @_;
    die "A value nests deeper than 200 levels, or holds itself\n" if $depth > 200;
    return 'null' unless defined $value;
    my $kind = ref $value;
    if ($kind eq '') {
        return $value ? 'true' : 'false' if builtin::is_bool($value);
        return builtin::created_as_number($value) ? number($value, $tagged) : text($value, $tagged);
    }
    return $$value ? 'true' : 'false' if $kind eq 'JSON::PP::Boolean';
    my $type = builtin::reftype($value);
    if ($type eq 'ARRAY') {
        return '[' . join(',', map { encode($_, $tagged, $depth + 1) } @$value) . ']';
    }
    if ($type eq 'HASH') {
        my $between = $tagged ? ',' : ':';
        my @pairs = map { text($_, 0) . $between . encode($value->{$_}, $tagged, $depth + 1) } sort keys %$value;
        return ($tagged ? '{"o":[' : '{') . join(',', @pairs) . ($tagged ? ']}' : '}');
    }
    return encode($$value, $tagged, $depth + 1) if $type eq 'SCALAR' || $type eq 'REF';
    die "A $kind cannot be an argument\n" unless $tagged;
    return '{"x":[' . text($kind, 0) . ',' . text($kind, 0) . ']}';
}

sub flush_all {
    STDOUT->flush;
    STDERR->flush;
}

sub fail {
    my ($error, $filename) = @_;
    my ($name, $message) = ('Error', "$error");
    if (ref $error eq 'wardian::ToolError') { ($name, $message) = ($error->{name}, $error->{message}) }
    elsif (builtin::blessed($error)) { $name = ref $error }
    elsif ($message =~ /^(?:syntax error|.*\bnear "|.*Missing right curly|.*Can't find string terminator)/m) { $name = 'SyntaxError' }
    $name = 'MemoryError' if $message =~ /^(?:Out of memory|panic: memory)/;
    my ($line) = $message =~ /\bat \Q$filename\E line (\d+)/;
    $line = $wardian::line if !defined $line && defined $wardian::line;
    my $trace = ref $error && defined $line ? "$message at $filename line $line.\n" : $message;
    $trace .= "\n" unless $trace =~ /\n\z/;
    $message =~ s/ at \Q$filename\E line \d+\.\n\z//;
    $message =~ s/\n\z//;
    my $report = '{"name":' . text($name, 0) . ',"message":' . text(substr($message, 0, 50_000), 0)
        . ',"traceback":' . text(substr($trace, 0, 50_000), 0);
    $report .= qq(,"line":$line) if $line;
    say_host("error $report}");
}

BEGIN {
    *CORE::GLOBAL::exit = sub {
        my $code = @_ ? int($_[0] // 0) & 255 : 0;
        wardian::flush_all();
        wardian::say_host("exit $code");
        CORE::exit($code);
    };
}

# In a package and scope of its own: the source sees none of this file's variables.
sub run {
    my $request = plain($json->decode(hear_host()));
    if ($request->{env}) { %ENV = %{ $request->{env} } }
    srand($request->{seed}) if defined $request->{seed};
    @ARGV = @{ $request->{args} };
    $0 = $request->{filename};
    $result = undef;
    $wardian::line = undef;
    # Each run has an input of its own. Closed first: there is no dup2 that would move it to number 0.
    close(STDIN);
    open(STDIN, '<', '/dev/stdin');
    my $filename = $request->{filename};
    my $done = eval { wardian::Source::evaluate($request->{source}, $filename); 1 };
    my $error = $@;
    flush_all();
    if ($done) { say_host('value ' . ($result ? encode($result->[0], 1, 0) : '{"u":1}')) }
    else { fail($error, $filename) }
    return 1;
}

package wardian::Source;
no strict;
no warnings;

sub evaluate {
    local $SIG{__DIE__} = sub {
        # Objects don't say where they were thrown.
        return unless ref $_[0];
        for (my $depth = 0; my @frame = caller($depth); $depth++) {
            next unless $frame[1] eq $0;
            $wardian::line = $frame[2];
            last;
        }
    };
    eval "package main;\n#line 1 \"$_[1]\"\n$_[0]\n;1" or die $@;
}

package main;
STDOUT->autoflush(1);
STDERR->autoflush(1);
1;
