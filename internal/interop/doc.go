// Package interop tests this module against other implementations: OpenSSL,
// GnuTLS, curl, Java, nginx and more. It has no code of its own.
//
// A test is skipped with -short, and if its program is not on PATH. It fails
// instead if the environment variable OCSPLAB_REQUIRE lists the program:
//
//	OCSPLAB_REQUIRE=openssl,ocsptool,certtool go test ./internal/interop
//
// With -profiles, real programs also run through the conformance cases.
// testdata/profiles lists what they get wrong, and says in summary.txt how many of
// them accept in each case.
package interop
