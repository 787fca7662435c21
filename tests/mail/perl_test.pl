#!/usr/bin/perl
# The torture set as Perl's MIME-tools reads it, and its RSA signatures as Mail::DKIM does.
#
#     perl_test.pl COMPOSE_TORTURE
#     perl_test.pl FOLDER           mails of another origin: .eml, .expect, and their keys.txt

use strict;
use warnings;

use Encode qw(decode);
use File::Temp qw(tempdir);
use Mail::Address;
use Mail::DKIM::Verifier;
use MIME::Base64 qw(decode_base64);
use MIME::Parser;
use MIME::Words qw(decode_mimewords);
use Net::DNS;

my $given = -d $ARGV[0];
my $folder = $given ? $ARGV[0] : tempdir('postroom-torture-XXXXXX', TMPDIR => 1, CLEANUP => 1);
$given or system($ARGV[0], $folder) == 0 or die "$ARGV[0] failed\n";
my @paths = sort glob("$folder/*.eml");

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

sub expected {
    my ($path) = @_;
    (my $expect = $path) =~ s/eml$/expect/;
    my %values;
    for my $line (split /\n/, slurp($expect)) {
        my ($name, $value) = split / /, $line, 2;
        $values{$name} = decode_base64($value // '');
    }
    return \%values;
}

# Bytes in UTF-8 of a field that may hold encoded-words.
sub words {
    my ($text) = @_;
    $text =~ s/\r?\n(?=[ \t])//g;
    $text =~ s/\r?\n$//;
    return join '', map { $_->[0] } decode_mimewords($text);
}

# The display name of a mailbox: what stands before its "<", out of its quotes.
sub display_name {
    my ($field) = @_;
    $field =~ s/\r?\n(?=[ \t])//g;
    my ($mailbox) = Mail::Address->parse($field);
    my $phrase = $mailbox->phrase;
    if ($phrase =~ /^"(.*)"$/s) {
        ($phrase = $1) =~ s/\\(.)/$1/gs;
        return $phrase;
    }
    return words($phrase);
}

sub body {
    my ($entity) = @_;
    return $entity->bodyhandle ? $entity->bodyhandle->as_string : '';
}

sub lines {
    my ($text) = @_;
    $text =~ s/\r\n/\n/g;
    return $text;
}

sub values_of {
    my ($entity, $values) = @_;
    if ($entity->parts) {
        values_of($_, $values) for $entity->parts;
    } elsif (($entity->head->mime_attr('content-disposition') // '') eq 'attachment') {
        $values->{'file-name'} = $entity->head->recommended_filename;
        $values->{file} = body($entity);
    } else {
        $values->{ $entity->mime_type eq 'text/html' ? 'html' : 'text' } = lines(body($entity));
    }
    return $values;
}

my @parse_faults;
my @signature_faults;

sub fault {
    my ($path, $name, $value, $expected) = @_;
    push @parse_faults, "$path: $name: '" . substr($value // 'undef', 0, 300) . "', expected '"
        . substr($expected // 'undef', 0, 300) . q{'};
    return;
}

for my $path (@paths) {
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    $parser->decode_headers(0);
    my $entity = $parser->parse_data(slurp($path));
    my $expected = expected($path);
    my $values = values_of($entity, {});
    push @parse_faults, "$path: $_" for $parser->results->msgs;
    $values->{subject} = words($entity->head->get('Subject'));
    $values->{from} = display_name($entity->head->get('From'));
    $values->{to} = display_name($entity->head->get('To'));
    $values->{'file-name'} = Encode::encode('UTF-8', $values->{'file-name'})
        if utf8::is_utf8($values->{'file-name'} // '');
    for my $name (sort keys %$expected) {
        fault($path, $name, $values->{$name}, $expected->{$name})
            if !defined $values->{$name} || $values->{$name} ne $expected->{$name};
    }
}

my %keys = map { split / /, $_, 2 } split /\n/, slurp("$folder/keys.txt");
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => $keys{$name});
    };
}

for my $path (@paths) {
    my $dkim = Mail::DKIM::Verifier->new;
    $dkim->PRINT(slurp($path));
    $dkim->CLOSE;
    my @rsa = grep { $_->algorithm eq 'rsa-sha256' } $dkim->signatures;
    push @signature_faults, "$path: no RSA signature" if !@rsa;
    for my $signature (@rsa) {
        push @signature_faults, "$path: " . $signature->result_detail
            if $signature->result ne 'pass';
    }
}

sub report {
    my ($number, $name, @faults) = @_;
    splice @faults, 20 if @faults > 20;
    print @faults ? 'not ' : '', "ok $number - $name\n";
    print map { s/\n/\\n/g; "# $_\n" } @faults;
    return;
}

print "1..3\n";
report(1, 'there are mails enough', @paths >= ($given ? 1 : 400) ? () : scalar @paths);
report(2, 'every mail parses without complaint to what went in', @parse_faults);
report(3, 'every RSA signature verifies', @signature_faults);
exit(@parse_faults || @signature_faults ? 1 : 0);
