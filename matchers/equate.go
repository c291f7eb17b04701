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

// EquateOCSPResponses returns an option with which [cmp.Equal] and [cmp.Diff]
// compare what answers of the type fakeca.Response say, wherever they find
// them, those in Also included:
//
//   - Times are equal if they are within the margin of each other, to the
//     second; a margin of zero asks for the same second. No time is equal to
//     no time alone.
//   - Serial is compared by value.
//   - Hash of zero is SHA-1, which is its default.
//   - Error responses are equal if their errors are. ServerFailed without Error
//     is internalError, and what Status is beside an Error does not count.
//   - Also is compared in order; nil and empty are the same.
//   - Signer, OmitCert, Edit and Mutate, which tell how an answer is made and
//     which fakeca.ParseResponse does not fill, are ignored. BeOCSPSignedBy
//     tells who signed.
//
// All else has to be equal, SignatureAlgorithm and Serial too. As
// fakeca.ParseResponse fills these, and a test seldom does, this goes well
// with it:
//
//	cmpopts.IgnoreFields(fakeca.Response{}, "Serial", "SignatureAlgorithm")
//
// EquateOCSPResponses panics if the margin is negative.
func EquateOCSPResponses(margin time.Duration) cmp.Option {
	if margin < 0 {
		panic(fmt.Sprintf("matchers: EquateOCSPResponses(%v): the margin is negative; write the largest difference that is still equal", margin))
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

// fields applies an option to the fields of a Response that are chosen, with
// the two Responses beside.
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
