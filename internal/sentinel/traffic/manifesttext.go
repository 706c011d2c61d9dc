package traffic

import (
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// The text of a manifest is one string, which every backend keeps as it is, and which people can read:
//
//	1 run=5f3a9c0d11223344 since=1763715600 configuration=0a1b2c3d 1763715601=10/10/0/0 1763715602=10/7/2/1;refused:3-4;open:9-9
//
// Per slot: attempted/accepted/refused/open, then the exceptions.

var stateNames = [...]string{Refused: "refused", Skipped: "skipped", Retried: "retried", InFlight: "open", Held: "held"}

const truncated = ";truncated"

// String returns the state's name.
func (s State) String() string {
	if s == 0 || int(s) >= len(stateNames) {
		return "accepted"
	}
	return stateNames[s]
}

// text writes the last slots, as many as there may be; of those with too many exceptions it says so.
func (m *Manifest) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "1 run=%016x since=%d configuration=%s", m.Run, m.Since, m.Configuration)
	ranges := 0
	slots := m.Slots[max(0, len(m.Slots)-maxManifestSlots):]
	for i := range slots {
		r := &slots[i]
		fmt.Fprintf(&b, " %d=%d/%d/%d/%d", r.Slot, r.Attempted, r.Accepted, r.Refused, r.Open)
		if r.Truncated || ranges+len(r.Exceptions) > maxManifestRanges {
			b.WriteString(truncated)
			continue
		}
		ranges += len(r.Exceptions)
		for _, e := range r.Exceptions {
			fmt.Fprintf(&b, ";%s:%d-%d", e.State, e.First, e.Last)
		}
	}
	return b.String()
}

func (m *Manifest) parse(text string) error {
	words := strings.Split(text, " ")
	if words[0] != "1" {
		return fmt.Errorf("must begin with version 1, got %.20q", words[0])
	}
	if len(words) < 4 || len(words) > 4+maxManifestSlots {
		return fmt.Errorf("must have at least 4 words, and at most %d slots, got %d words", maxManifestSlots, len(words))
	}
	run, ok1 := strings.CutPrefix(words[1], "run=")
	since, ok2 := strings.CutPrefix(words[2], "since=")
	configuration, ok3 := strings.CutPrefix(words[3], "configuration=")
	if !ok1 || !ok2 || !ok3 {
		return fmt.Errorf("must begin with run, since and configuration, got %.80q", text)
	}
	m.Configuration = configuration
	var err error
	if m.Run, err = strconv.ParseUint(run, 16, 64); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if m.Since, err = number(since); err != nil {
		return fmt.Errorf("since: %w", err)
	}
	for _, word := range words[4:] {
		r, err := parseSlot(word)
		if err != nil {
			return err
		}
		m.Slots = append(m.Slots, r)
	}
	return nil
}

func parseSlot(word string) (SlotReport, error) {
	var r SlotReport
	wrong := func() (SlotReport, error) {
		return SlotReport{}, fmt.Errorf("a slot must look like 1763715602=10/7/2/1;refused:3-4, got %.80q", word)
	}
	head, exceptions, listed := strings.Cut(word, ";")
	slot, counts, ok := strings.Cut(head, "=")
	parts := strings.Split(counts, "/")
	if !ok || len(parts) != 4 {
		return wrong()
	}
	for i, to := range []*uint32{&r.Slot, &r.Attempted, &r.Accepted, &r.Refused, &r.Open} {
		text := slot
		if i > 0 {
			text = parts[i-1]
		}
		n, err := number(text)
		if err != nil {
			return wrong()
		}
		*to = n
	}
	if uint64(r.Attempted) != uint64(r.Accepted)+uint64(r.Refused)+uint64(r.Open) {
		return SlotReport{}, fmt.Errorf("slot %d: attempted must be accepted, refused and open together, got %.80q", r.Slot, word)
	}
	if !listed {
		return r, nil
	}
	if ";"+exceptions == truncated {
		r.Truncated = true
		return r, nil
	}
	for text := range strings.SplitSeq(exceptions, ";") {
		e, ok := parseException(text)
		if !ok || len(r.Exceptions) == maxManifestRanges {
			return wrong()
		}
		r.Exceptions = append(r.Exceptions, e)
	}
	return r, nil
}

func parseException(text string) (Exception, bool) {
	name, span, ok := strings.Cut(text, ":")
	first, last, ok2 := strings.Cut(span, "-")
	e := Exception{}
	for s, known := range stateNames {
		if known == name && known != "" {
			e.State = State(s)
		}
	}
	var err1, err2 error
	e.First, err1 = number(first)
	e.Last, err2 = number(last)
	return e, ok && ok2 && e.State != 0 && err1 == nil && err2 == nil && e.First <= e.Last
}

func number(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err
}

// stampOf is the beginning of a slot.
func stampOf(slot uint32) pcommon.Timestamp { return pcommon.NewTimestampFromTime(SlotStart(slot)) }
