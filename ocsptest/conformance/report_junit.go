package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Group   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report in the XML of JUnit: one test case for each case,
// with the severity as the type of its failure. Known failures, cases of newer
// sets and those that do not apply to the client are skipped.
func (r *Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{Name: "ocsplab " + r.Policy.String()}
	results := r.Results
	if r.Broken != nil {
		results = []Result{*r.Broken}
	}
	total := 0.0
	for _, result := range results {
		group, name, _ := strings.Cut(result.Case.Name, "/")
		c := junitCase{Group: group, Name: name, Time: fmt.Sprintf("%.3f", result.Took.Seconds())}
		total += result.Took.Seconds()
		first, text, _ := strings.Cut((&CaseError{result, r.Policy}).Error(), "\n")
		if result.Fixed {
			first = "a known failure that passes now; take it off the list"
		}
		switch {
		case result.Failed() || r.Broken != nil:
			suite.Failures++
			c.Failure = &junitMessage{Message: first, Type: result.kind(), Text: text}
		case result.excused:
			suite.Skipped++
			c.Skipped = &junitMessage{Message: result.excuse()}
		case result.Known != "":
			suite.Skipped++
			c.Skipped = &junitMessage{Message: "known: " + result.Known}
		case result.New && result.Severity != NoSeverity:
			suite.Skipped++
			c.Skipped = &junitMessage{Message: "new since " + result.Case.Since + ": " + first}
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests, suite.Time = len(suite.Cases), fmt.Sprintf("%.3f", total)
	data, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}
