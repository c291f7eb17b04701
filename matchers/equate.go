package matchers

import (
	"crypto"
	"fmt"
	"reflect"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// EquateOCSPResponses returns an option for [cmp.Equal] and [cmp.Diff] that
// compares what values of type fakeca.Response say, at any depth:
//
//   - Times are equal if they differ by at most margin, to the second. A zero time
//     equals only another zero time.
//   - Serial is compared by value.
//   - A zero Hash equals SHA-1, its default.
//   - Error responses are equal if their errors are. ServerFailed without Error is
//     internalError. With an Error, Status is ignored.
//   - Also is compared in order. A nil Also equals an empty one.
//   - Signer, OmitCert, Edit and Mutate are ignored, because
//     fakeca.ParseResponse does not set them. Use [BeOCSPSignedBy] for the signer.
//
// All other fields must be equal. fakeca.ParseResponse sets Serial and
// SignatureAlgorithm, which tests usually leave out; to ignore them, add
//
//	cmpopts.IgnoreFields(fakeca.Response{}, "Serial", "SignatureAlgorithm")
//
// EquateOCSPResponses panics if margin is negative.
func EquateOCSPResponses(margin time.Duration) cmp.Option {
	if margin < 0 {
		panic(fmt.Sprintf("matchers: EquateOCSPResponses(%v): the margin must not be negative", margin))
	}
	return cmp.Options{
		fields(func(field string, x, y fakeca.Response) bool {
			switch field {
			case "Signer", "OmitCert", "Edit", "Mutate":
				return true
			case "Error", "Status":
				return x.Failure() == y.Failure() && x.Failure() != ocsp.Success
			case "Also":
				return len(x.Also) == 0 && len(y.Also) == 0
			}
			return false
		}, cmp.Ignore()),
		anyField("Serial", cmp.Comparer(sameInt)),
		anyField("Hash", cmp.Comparer(func(x, y crypto.Hash) bool { return orSHA1(x) == orSHA1(y) })),
		fields(func(field string, _, _ fakeca.Response) bool {
			f, _ := reflect.TypeFor[fakeca.Response]().FieldByName(field)
			return f.Type == reflect.TypeFor[time.Time]()
		}, cmp.Comparer(func(x, y time.Time) bool {
			if x.IsZero() || y.IsZero() {
				return x.IsZero() && y.IsZero()
			}
			return second(x).Sub(second(y)).Abs() <= margin
		})),
	}
}

func orSHA1(h crypto.Hash) crypto.Hash {
	if h == 0 {
		return crypto.SHA1
	}
	return h
}

// fields applies an option to the chosen fields of a Response. x and y are the
// two Responses.
func fields(chosen func(field string, x, y fakeca.Response) bool, option cmp.Option) cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		field, ok := p.Last().(cmp.StructField)
		if !ok || p.Index(-2).Type() != reflect.TypeFor[fakeca.Response]() {
			return false
		}
		x, y := p.Index(-2).Values()
		return chosen(field.Name(), x.Interface().(fakeca.Response), y.Interface().(fakeca.Response))
	}, option)
}

func anyField(name string, option cmp.Option) cmp.Option {
	return fields(func(field string, _, _ fakeca.Response) bool { return field == name }, option)
}
