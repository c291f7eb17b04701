package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// reportFormat is the version of the JSON; doc/report.schema.json describes it.
const reportFormat = 1

type jsonReport struct {
	Format  int          `json:"format"`
	Set     string       `json:"set"`
	Policy  string       `json:"policy"`
	Sum     string       `json:"sum"`
	Fit     []string     `json:"fit,omitempty"`
	LeftOut int          `json:"left_out"`
	Broken  string       `json:"broken_control,omitempty"`
	Results []jsonResult `json:"results"`
}

type jsonResult struct {
	Case     string   `json:"case"`
	Since    string   `json:"since"`
	Ref      string   `json:"ref"`
	Want     string   `json:"want"`
	Because  string   `json:"because"`
	Got      string   `json:"got"`
	Severity string   `json:"severity,omitempty"`
	Failed   bool     `json:"failed"`
	Known    string   `json:"known,omitempty"`
	Fixed    bool     `json:"fixed,omitempty"`
	New      bool     `json:"new,omitempty"`
	Excused  bool     `json:"excused,omitempty"`
	Slow     bool     `json:"slow,omitempty"`
	Error    string   `json:"error,omitempty"`
	Millis   int64    `json:"took_ms"`
	Saw      []string `json:"saw,omitempty"`
}

// WriteJSON writes the report as JSON, as doc/report.schema.json describes it.
func (r *Report) WriteJSON(w io.Writer) error {
	out := jsonReport{
		Format: reportFormat, Set: r.Set, Policy: r.Policy.String(),
		Sum: r.Sum(), LeftOut: r.LeftOut, Results: []jsonResult{},
	}
	for _, p := range r.Fit() {
		out.Fit = append(out.Fit, p.String())
	}
	results := r.Results
	if r.Broken != nil {
		out.Broken = r.Broken.Case.Name
		results = []Result{*r.Broken}
	}
	for _, result := range results {
		j := jsonResult{
			Case: result.Case.Name, Since: result.Case.Since, Ref: result.Case.Ref.String(),
			Want: result.Want.String(), Because: result.Because, Got: result.Got.String(),
			Failed: result.Failed() || r.Broken != nil, Known: result.Known, Fixed: result.Fixed, New: result.New,
			Excused: result.excused, Slow: result.Slow, Millis: result.Took.Milliseconds(), Saw: result.Saw,
		}
		if result.Severity != NoSeverity {
			j.Severity = result.Severity.String()
		}
		if result.Err != nil {
			j.Error = result.Err.Error()
		}
		out.Results = append(out.Results, j)
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// ReadReport reads what [Report.WriteJSON] wrote, for [Compare]. What is wanted
// follows from this version of the catalogue. Cases that it does not have are left
// out.
func ReadReport(r io.Reader) (*Report, error) {
	var in jsonReport
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return nil, fmt.Errorf("conformance: the report is not JSON: %w", err)
	}
	if in.Format != reportFormat {
		return nil, fmt.Errorf("conformance: the report has format %d, want %d", in.Format, reportFormat)
	}
	policy, err := ParsePolicy(in.Policy)
	if err != nil {
		return nil, err
	}
	catalogue := make(map[string]Case)
	for c := range Cases() {
		catalogue[c.Name] = c
	}
	out := &Report{Policy: policy, Set: in.Set, LeftOut: in.LeftOut}
	for _, j := range in.Results {
		c, ok := catalogue[j.Case]
		if !ok {
			continue
		}
		result, err := j.result(c, policy)
		if err != nil {
			return nil, err
		}
		if in.Broken == j.Case {
			out.Broken = &result
			break
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// result returns the result that was written.
func (j jsonResult) result(c Case, p Policy) (r Result, err error) {
	r = Result{
		Case: c, Known: j.Known, Fixed: j.Fixed, New: j.New, Slow: j.Slow,
		Took: time.Duration(j.Millis) * time.Millisecond, Saw: j.Saw, excused: j.Excused,
	}
	if j.Error != "" {
		r.Err = errorText(j.Error)
	}
	if r.Got, err = parseOutcome(j.Got); err != nil {
		return r, err
	}
	r.Want, r.Because, r.Severity = p.Judge(c)
	switch {
	case r.excused:
		r.Severity = NoSeverity
	case r.Got != Accepted && r.Got != Rejected:
		r.Severity = Liveness
	case j.Severity == Security.String() && r.Got == Accepted:
		r.unasked, r.Severity = r.Want != Reject, Security
	case r.Got.isRight(r.Want):
		r.Severity = NoSeverity
	}
	return r, nil
}

type errorText string

func (e errorText) Error() string { return string(e) }
