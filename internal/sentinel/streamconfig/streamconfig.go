// Package streamconfig is how a verifier is told which streams a sentinel elsewhere sends: the section that the sentinel
// receiver has, under the same keys and with the same defaults, so that it can be copied.
package streamconfig

import (
	"errors"
	"fmt"
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
	// Alert is no part of what is sent; it is here so that the section of a receiver can be copied.
	Alert string `mapstructure:"alert"`
}

// Shape is what all streams have.
type Shape struct {
	Number  uint8   `mapstructure:"number"`
	Rate    float64 `mapstructure:"rate"` // traces a second
	Batches int     `mapstructure:"batches"`
	Reorder float64 `mapstructure:"reorder"`
	Long    float64 `mapstructure:"long"`
}

func ambient() Ambient { return Ambient{Shape{Rate: 10, Batches: 6, Reorder: 0.2, Long: 0.01}} }

// Default has the receiver's defaults in sections that are not there until they are mentioned.
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
// mentioned, it is ambient, as in the receiver.
func (c *Config) Streams(t *topology.Topology) []traffic.Config {
	one := func(s *Shape, name string) traffic.Config {
		return traffic.Config{Number: s.Number, Name: name, Topology: t, Rate: s.Rate, Batches: s.Batches, Reorder: s.Reorder, Long: s.Long}
	}
	if c.Empty() {
		usual := ambient()
		return []traffic.Config{one(&usual.Shape, "ambient")}
	}
	var out []traffic.Config
	if a := c.Ambient.Get(); a != nil {
		out = append(out, one(&a.Shape, "ambient"))
	}
	if b := c.Burst.Get(); b != nil {
		s := one(&b.Shape, "burst")
		s.Every, s.For, s.ErrorShare = b.Every, b.For, b.ErrorShare
		out = append(out, s)
	}
	return out
}

// Validate reports all that is wrong at once, by the keys below the section.
func (c *Config) Validate(t *topology.Topology) error {
	var problems []error
	numbers := map[uint8]string{}
	for _, s := range c.Streams(t) {
		if first, ok := numbers[s.Number]; ok {
			problems = append(problems, fmt.Errorf("streams::%s::number: %d is taken by %s; traces of both would have the same ids", s.Name, s.Number, first))
		}
		numbers[s.Number] = s.Name
		for _, err := range each(s.Validate()) {
			problems = append(problems, fmt.Errorf("streams::%s::%w", s.Name, err))
		}
		if s.Name == "burst" && s.Every == 0 {
			problems = append(problems, errors.New("streams::burst::every: must be set: a burst starts and stops"))
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
