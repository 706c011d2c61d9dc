package tailsampling

// rulebook is the configured rules, as decisions need them.
type rulebook struct {
	rules   []Rule
	reasons []string // by index of the rule
	whole   []int16  // indices of the rules on the whole trace
}

func newRulebook(rules []Rule) rulebook {
	b := rulebook{rules: rules}
	for i, r := range rules {
		b.reasons = append(b.reasons, r.Reason())
		if r.Whole != nil {
			b.whole = append(b.whole, int16(i))
		}
	}
	return b
}

// of is the first rule that a trace matches.
func (b *rulebook) of(t *trace, duration uint64, errors int) int16 {
	for n, i := range b.whole {
		if t.rule >= 0 && t.rule < i {
			break
		}
		if t.whole>>n&1 == 1 && b.rules[i].Whole.holds(duration, t.Spans.Spans(), errors) {
			return i
		}
	}
	return t.rule
}
