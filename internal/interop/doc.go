// Package interop holds tests of what this module makes against programs that
// nobody here wrote. It has no code of its own.
//
// A test whose program is not on PATH is skipped, and says so. Programs that
// the environment variable OCSPLAB_REQUIRE names, with commas between them,
// must be there:
//
//	OCSPLAB_REQUIRE=openssl,ocsptool,certtool go test ./internal/interop
package interop
