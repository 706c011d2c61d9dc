package migrate

import (
	"errors"
	"fmt"
	"math"
)

// Options of a migration.
type Options struct {
	// Rest is the share of the traces that no policy samples which is kept all the same, 0 to 1. With 0 they are dropped, as
	// tail_sampling does.
	Rest float64
}

// DefaultRest is the share of other traces that is kept unless said otherwise: enough that counts of all traces can be estimated.
const DefaultRest = 0.01

// Result of a migration.
type Result struct {
	Output      []byte // the configuration
	Differences []Difference
}

// ErrNothing is returned for a configuration without tail_sampling.
var ErrNothing = errors.New("the configuration has no tail_sampling processor, so there is nothing to migrate")

// Migrate replaces every tail_sampling of a collector configuration. Its errors are about the file: that it is no configuration, that
// there is nothing to migrate, or that its layout cannot be edited; they name the line. What a policy cannot become is in the
// differences instead.
func Migrate(in []byte, o Options) (*Result, error) {
	if !(o.Rest >= 0 && o.Rest <= 1) || math.IsNaN(o.Rest) {
		return nil, fmt.Errorf("rest: must be between 0 and 1, got %v", o.Rest)
	}
	d, err := read(in)
	if err != nil {
		return nil, err
	}
	processors, err := d.processors()
	if err != nil {
		return nil, err
	}
	var edits []edit
	result := &Result{}
	for _, p := range processors {
		s := translate(p, o)
		e, err := d.replace(p, s)
		if err != nil {
			return nil, err
		}
		result.Differences = append(result.Differences, s.differences(p)...)
		edits = append(edits, e)
	}
	references, err := d.references()
	if err != nil {
		return nil, err
	}
	result.Output = d.apply(append(edits, references...))
	if err := d.check(result.Output, processors); err != nil {
		return nil, err
	}
	return result, nil
}

// translate makes the section of one processor.
func translate(p *processor, o Options) *section {
	s := &section{policies: readPolicies(p.policies()), rest: o.Rest}
	all := items(s.policies)
	rest := action{probability, o.Rest}
	if o.Rest == 0 {
		rest = action{verb: drop}
	}
	rules, left := compile(all, rest.normal())
	for _, it := range left {
		it.owner.lost("together with the others it takes more rules, or rules with a condition on the whole trace, than there may be")
	}
	names(rules)
	s.rules = rules
	s.budgetUnit, s.budgetValue = budget(s.policies)
	warn(s.policies, all, rules)
	s.options(p.value)
	return s
}
