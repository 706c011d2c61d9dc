// Package streamconfig is the section of a configuration that says which streams a sentinel sends. The receiver that sends and a
// verifier elsewhere that must know share it, and with it the defaults: were they to differ, every trace would look corrupt.
package streamconfig

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Config holds the streams.
type Config struct {
	Ambient configoptional.Optional[Ambient] `mapstructure:"ambient"`
	Burst   configoptional.Optional[Burst]   `mapstructure:"burst"`
}

// Ambient is the stream of ordinary traces.
type Ambient struct {
	Shape `mapstructure:",squash"`
}

// Burst is the stream of errors that starts and stops.
type Burst struct {
	Shape      `mapstructure:",squash"`
	Every      time.Duration `mapstructure:"every"`
	For        time.Duration `mapstructure:"for"`
	ErrorShare float64       `mapstructure:"error_share"`
	// Alert is the rule that the errors trip; it is no part of what is sent.
	Alert string `mapstructure:"alert"`
}

// Shape is what all streams have.
type Shape struct {
	// Number is part of every trace id, 0 to 255: streams of one key and instance need different ones.
	Number  int     `mapstructure:"number"` // a byte's type would take 256 for 0
	Rate    float64 `mapstructure:"rate"`   // traces a second
	Batches int     `mapstructure:"batches"`
	Reorder float64 `mapstructure:"reorder"`
	Long    float64 `mapstructure:"long"`
}

const (
	ambientStream = "ambient"
	burstStream   = "burst"
)

func ambient() Ambient { return Ambient{Shape{Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}} }

// Default has the defaults in sections that are not there until they are mentioned.
func Default() Config {
	return Config{
		Ambient: configoptional.Default(ambient()),
		Burst: configoptional.Default(Burst{
			Shape: Shape{Number: 1, Rate: 5, Batches: 6, Reorder: 0.2}, Every: 15 * time.Minute, For: 5 * time.Minute, ErrorShare: 0.5,
		}),
	}
}

// Empty says whether no stream is mentioned.
func (c *Config) Empty() bool { return !c.Ambient.HasValue() && !c.Burst.HasValue() }

// Streams returns the configurations over a topology, which may be nil as long as only validation follows. Where no stream is
// mentioned, it is ambient.
func (c *Config) Streams(t *topology.Topology) []traffic.Config {
	one := func(s *Shape, name string) traffic.Config {
		return traffic.Config{Number: uint8(s.Number), Name: name, Topology: t, Rate: s.Rate, Batches: s.Batches, Reorder: s.Reorder, Long: s.Long}
	}
	if c.Empty() {
		usual := ambient()
		return []traffic.Config{one(&usual.Shape, ambientStream)}
	}
	var out []traffic.Config
	if a := c.Ambient.Get(); a != nil {
		out = append(out, one(&a.Shape, ambientStream))
	}
	if b := c.Burst.Get(); b != nil {
		s := one(&b.Shape, burstStream)
		s.Every, s.For, s.ErrorShare = b.Every, b.For, b.ErrorShare
		out = append(out, s)
	}
	return out
}

// Alert is the rule that a stream trips, "" where it trips none.
func (c *Config) Alert(stream string) string {
	if b := c.Burst.Get(); b != nil && stream == burstStream {
		return b.Alert
	}
	return ""
}

// shapes goes through the streams that are mentioned.
func (c *Config) shapes() iter.Seq2[string, *Shape] {
	return func(yield func(string, *Shape) bool) {
		if a := c.Ambient.Get(); a != nil && !yield(ambientStream, &a.Shape) {
			return
		}
		if b := c.Burst.Get(); b != nil {
			yield(burstStream, &b.Shape)
		}
	}
}

// Validate reports all that is wrong at once, by the keys below the section.
func (c *Config) Validate(t *topology.Topology) error {
	var problems []error
	for name, s := range c.shapes() {
		if s.Number < 0 || s.Number > math.MaxUint8 {
			problems = append(problems, fmt.Errorf("streams::%s::number: must be between 0 and 255, got %d", name, s.Number))
		}
	}
	if problems != nil {
		return errors.Join(problems...)
	}
	numbers := map[uint8]string{}
	for _, s := range c.Streams(t) {
		if first, ok := numbers[s.Number]; ok {
			problems = append(problems, fmt.Errorf("streams::%s::number: %d is taken by %s; traces of both would have the same ids", s.Name, s.Number, first))
		}
		numbers[s.Number] = s.Name
		for _, err := range each(s.Validate()) {
			problems = append(problems, fmt.Errorf("streams::%s::%w", s.Name, err))
		}
		if s.Name == burstStream && s.Every == 0 {
			problems = append(problems, errors.New("streams::burst::every: must be set: a burst starts and stops; for a stream that never pauses use ambient"))
		}
	}
	return errors.Join(problems...)
}

// each returns the errors that were joined.
func each(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return nil
}
