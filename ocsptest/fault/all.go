package fault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// All plays several faults at once, each at the requests for which its When
// holds. Hooks of one kind are called in the order of the faults. Only one Send
// hook is called, the first. All panics if a later one could never be called.
func All(faults ...Fault) Fault {
	c := &combination{faults: slices.Clone(faults)}
	all := Fault{Name: c.name(), When: c.when}
	for _, f := range faults {
		all.ocspOnly = all.ocspOnly || f.OCSPOnly()
		if f.Say != nil {
			all.Say = c.say
		}
		if f.Reply != nil {
			all.Reply = c.reply
		}
		if f.Send != nil {
			all.Send = c.send
		}
	}
	c.checkSends()
	return all
}

// A combination is the faults of one call of All.
type combination struct{ faults []Fault }

func (c *combination) name() string {
	var names []string
	for _, f := range c.faults {
		names = append(names, f.String())
	}
	return "All(" + strings.Join(names, ", ") + ")"
}

func (c *combination) checkSends() {
	var always *Fault
	for i, f := range c.faults {
		switch {
		case f.Send == nil:
		case always != nil:
			panic(fmt.Sprintf("fault: All: %v never sends, because %v always does; leave one out", f, always))
		case f.When == nil:
			always = &c.faults[i]
		}
	}
}

// when calls When of all faults, and keeps in x which of them hold.
func (c *combination) when(x *Exchange) bool {
	var chosen []Fault
	for _, f := range c.faults {
		if f.When == nil || f.When(x) {
			chosen = append(chosen, f)
		}
	}
	if x.chosen == nil {
		x.chosen = make(map[*combination][]Fault)
	}
	x.chosen[c] = chosen
	return len(chosen) > 0
}

// chosen returns the faults to play.
func (c *combination) chosen(x *Exchange) []Fault {
	if chosen, ok := x.chosen[c]; ok {
		return chosen
	}
	return c.faults // a trial, without When
}

func (c *combination) say(x *Exchange, r *fakeca.Response) {
	for _, f := range c.chosen(x) {
		if f.Say != nil {
			f.Say(x, r)
		}
	}
}

func (c *combination) reply(x *Exchange) {
	for _, f := range c.chosen(x) {
		if f.Reply != nil {
			f.Reply(x)
		}
	}
}

func (c *combination) send(x *Exchange) {
	for _, f := range c.chosen(x) {
		if f.Send != nil {
			f.Send(x)
			return
		}
	}
	x.Send()
}
