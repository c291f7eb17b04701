package fakeca

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// A pointName is a DistributionPointName (RFC 5280 section 4.2.1.13), or other
// GeneralNames, without relative. A part that is nil is left out.
type pointName struct {
	urls        []string
	directories [][]byte // the DER of each Name
	others      [][]byte // the DER of each GeneralName
	relative    []byte   // the DER of a RelativeDistinguishedName
}

// The tags of the GeneralNames that this package reads.
var (
	directoryTag = asn1.Tag(4).ContextSpecific().Constructed()
	urlTag       = implicit(6)
)

// The tags of all other GeneralNames (RFC 5280 section 4.2.1.6).
var otherNameTags = []asn1.Tag{
	explicit0, implicit(1), implicit(2), asn1.Tag(3).ContextSpecific().Constructed(),
	asn1.Tag(5).ContextSpecific().Constructed(), implicit(7), implicit(8),
}

func (n *pointName) present() bool {
	return n.urls != nil || n.directories != nil || n.others != nil || n.relative != nil
}

// check returns what is wrong with n and what to write instead, or "".
func (n *pointName) check() string {
	for _, url := range n.urls {
		if !isIA5String(url) {
			return fmt.Sprintf("the URL %q is not ASCII; percent-encode it", url)
		}
	}
	if n.relative != nil {
		if n.urls != nil || n.directories != nil || n.others != nil {
			return "RelativeName is not the only name; a distribution point has a full name or a relative name, so leave one out"
		}
		if _, err := parseRelativeName(n.relative); err != nil {
			return fmt.Sprintf("RelativeName is not a RelativeDistinguishedName (%v); use asn1.Marshal(pkix.RelativeDistinguishedNameSET{...})", err)
		}
	}
	return checkNames("DirectoryNames", n.directories)
}

func checkNames(field string, names [][]byte) string {
	for i, name := range names {
		if err := checkName(name); err != nil {
			return fmt.Sprintf("%s[%d] is not the DER of a name (%v); use RawSubject of a certificate", field, i, err)
		}
	}
	return ""
}

// add adds a distributionPoint.
func (n *pointName) add(b *cryptobyte.Builder) {
	b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
		if n.relative != nil {
			content, err := parseRelativeName(n.relative)
			if err != nil {
				b.SetError(err)
			}
			b.AddASN1(explicit1, func(b *cryptobyte.Builder) { b.AddBytes(content) }) // implicit
			return
		}
		b.AddASN1(explicit0, func(b *cryptobyte.Builder) { // GeneralNames, implicit
			for _, name := range n.generalNames(nil) {
				b.AddBytes(name)
			}
		})
	})
}

func addDirectoryNames(b *cryptobyte.Builder, names [][]byte) {
	for _, name := range names {
		b.AddASN1(directoryTag, func(b *cryptobyte.Builder) { b.AddBytes(name) })
	}
}

// generalNames returns the DER of each name. A relative name is appended to
// issuer.
func (n *pointName) generalNames(issuer []byte) [][]byte {
	var all [][]byte
	add := func(tag asn1.Tag, content []byte) {
		var b cryptobyte.Builder
		b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(content) })
		all = append(all, b.BytesOrPanic())
	}
	for _, url := range n.urls {
		add(urlTag, []byte(url))
	}
	for _, name := range n.directories {
		add(directoryTag, name)
	}
	for _, name := range n.others {
		all = append(all, slices.Clone(name))
	}
	if n.relative != nil {
		if rdns, err := readOnly(issuer, asn1.SEQUENCE); err == nil {
			var b cryptobyte.Builder
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(rdns)
				b.AddBytes(n.relative)
			})
			add(directoryTag, b.BytesOrPanic())
		}
	}
	return all
}

// parsePointName reads a distributionPoint.
func parsePointName(s *cryptobyte.String) (pointName, error) {
	choice, err := read(s, explicit0)
	if err != nil {
		return pointName{}, err
	}
	if !choice.PeekASN1Tag(explicit1) {
		content, err := readOnly(choice, explicit0)
		if err != nil {
			return pointName{}, within("fullName", err)
		}
		n, err := parseGeneralNames(content)
		return n, within("fullName", err)
	}
	content, err := readOnly(choice, explicit1)
	if err == nil {
		var b cryptobyte.Builder
		b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(content) })
		n := pointName{relative: b.BytesOrPanic()}
		if _, err = parseRelativeName(n.relative); err == nil {
			return n, nil
		}
	}
	return pointName{}, within("nameRelativeToCRLIssuer", err)
}

// parseRelativeName returns the content of a RelativeDistinguishedName.
func parseRelativeName(der []byte) ([]byte, error) {
	if err := checkDER(der); err != nil {
		return nil, err
	}
	content, err := readOnly(der, asn1.SET)
	if err != nil {
		return nil, err
	}
	return content, checkRDN(content)
}

// parseGeneralNames reads the content of GeneralNames, which are one or more.
func parseGeneralNames(s cryptobyte.String) (n pointName, err error) {
	if s.Empty() {
		return n, errors.New("empty")
	}
	for i := 0; !s.Empty(); i++ {
		if err := n.parseGeneralName(&s); err != nil {
			return n, within(fmt.Sprintf("name %d", i), err)
		}
	}
	return n, nil
}

func (n *pointName) parseGeneralName(s *cryptobyte.String) error {
	tag := asn1.Tag((*s)[0])
	switch {
	case tag == urlTag:
		url, err := read(s, urlTag)
		if err == nil && !isIA5String(string(url)) {
			err = fmt.Errorf("%q is not ASCII", url)
		}
		n.urls = append(n.urls, string(url))
		return err
	case tag == directoryTag:
		name, err := read(s, directoryTag)
		if err == nil {
			err = checkName(name)
		}
		n.directories = append(n.directories, name)
		return err
	case slices.Contains(otherNameTags, tag):
		name, err := readAny(s)
		n.others = append(n.others, name)
		return err
	}
	return fmt.Errorf("tag %#02x is not that of a GeneralName", uint8(tag))
}
