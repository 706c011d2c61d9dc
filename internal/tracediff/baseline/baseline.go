// Package baseline says what the windows of a query are compared with. All that knows the form of a baseline is here.
package baseline

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Kind tells baselines apart.
type Kind uint8

// The kinds.
const (
	Unknown         Kind = iota // not understood: a mistake, or written by a newer version of this program
	Previous                    // the window before
	Earlier                     // the window that began some time before, such as 24h
	PreviousVersion             // the last window in which some service still ran on another version
	Pinned                      // one snapshot
)

// Baseline is comparable. The zero value stands for no baseline: a comparison on demand.
type Baseline struct {
	text     string
	kind     Kind
	distance time.Duration // of Earlier
}

// The short forms. Ids, names of states and rows of the database hold them.
const (
	previous        = "previous"
	versionPrefix   = "version:"
	previousVersion = versionPrefix + previous
	pinPrefix       = "pin:"
)

// Parse reads the short form: "previous", "24h", "version:previous" or "pin:SNAPSHOT". It always succeeds, so that what is wrong
// keeps its place in a list; Validate says what that is.
func Parse(text string) Baseline {
	b := Baseline{text: text}
	switch {
	case text == previous:
		b.kind = Previous
	case text == previousVersion:
		b.kind = PreviousVersion
	case strings.HasPrefix(text, pinPrefix) && len(text) > len(pinPrefix):
		b.kind = Pinned
	default:
		if d, err := time.ParseDuration(text); err == nil {
			b.kind, b.distance = Earlier, d
		}
	}
	return b
}

// From reads what YAML or JSON hold: a short form, {version: previous} or {pin: SNAPSHOT}.
func From(value any) Baseline {
	switch v := value.(type) {
	case string:
		return Parse(v)
	case map[string]any:
		if len(v) == 1 {
			if version, ok := v["version"].(string); ok {
				return Parse(versionPrefix + version)
			}
			if id, ok := v["pin"].(string); ok {
				return Parse(pinPrefix + id)
			}
		}
	}
	return Baseline{text: fmt.Sprint(value)}
}

// List reads the short form of several.
func List(texts ...string) []Baseline {
	list := make([]Baseline, len(texts))
	for i, text := range texts {
		list[i] = Parse(text)
	}
	return list
}

// Value is the form that From reads and people write.
func (b Baseline) Value() any {
	for key, prefix := range map[string]string{"version": versionPrefix, "pin": pinPrefix} {
		if rest, ok := strings.CutPrefix(b.text, prefix); ok {
			return map[string]string{key: rest}
		}
	}
	return b.text
}

// String is the short form, letter by letter as it was written.
func (b Baseline) String() string { return b.text }

// MarshalText implements encoding.TextMarshaler: the database holds the short form.
func (b Baseline) MarshalText() ([]byte, error) { return []byte(b.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler. What a newer version has written is Unknown, and no error: the list that it
// is in can still be read.
func (b *Baseline) UnmarshalText(text []byte) error {
	*b = Parse(string(text))
	return nil
}

// Kind is what the baseline is.
func (b Baseline) Kind() Kind { return b.kind }

// Snapshot is the id of the pinned snapshot.
func (b Baseline) Snapshot() (id string, ok bool) {
	if b.kind != Pinned {
		return "", false
	}
	return strings.TrimPrefix(b.text, pinPrefix), true
}

// Unreached is the lag of a baseline that no change reaches by lasting.
const Unreached time.Duration = math.MaxInt64

// Lag is how far the baseline lies behind windows of this length: a change that lasts becomes part of it after so long.
func (b Baseline) Lag(window time.Duration) time.Duration {
	switch b.kind {
	case Previous:
		return window
	case Earlier:
		return b.distance
	}
	return Unreached
}

// Validate says why windows of this length cannot be compared with the baseline. Length 0 is one that is not known.
func (b Baseline) Validate(window time.Duration) error {
	switch {
	case b.kind == Unknown:
		return fmt.Errorf(`must be "previous", a duration such as 24h, {version: previous} or {pin: SNAPSHOT}, got %q`, b.text)
	case b.kind != Earlier:
		return nil
	case b.distance <= 0:
		return fmt.Errorf("must be positive, got %v", b)
	case window > 0 && b.distance%window != 0:
		return fmt.Errorf("must be a multiple of the window (%v), or no window begins then, got %v", window, b)
	}
	return nil
}
