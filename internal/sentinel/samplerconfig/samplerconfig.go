// Package samplerconfig is the section of a configuration that declares which sampler lies between a sentinel's generator and
// the place where its traces are judged: an exporter, or a backend.
package samplerconfig

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/assayhq/assay/internal/samplermarks"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Config declares a sampler: at most one.
type Config struct {
	Probabilistic configoptional.Optional[Probabilistic] `mapstructure:"probabilistic"`
	Tail          configoptional.Optional[Tail]          `mapstructure:"tail"`
}

// Probabilistic is a probabilistic_sampler in mode proportional or equalizing.
type Probabilistic struct {
	Percentage float32 `mapstructure:"sampling_percentage"`
	Precision  int     `mapstructure:"sampling_precision"`
}

// Tail is smart_tail_sampling.
type Tail struct {
	// Wait is how long it may hold a trace back.
	Wait time.Duration `mapstructure:"wait"`
	// Attributes are the names of those that it adds.
	Attributes []string `mapstructure:"attributes"`
}

// defaultWait is completion::max_wait of smart_tail_sampling.
const defaultWait = 60 * time.Second

// Default has the defaults in sections that are not there until they are mentioned.
func Default() Config {
	return Config{
		Probabilistic: configoptional.Default(Probabilistic{Precision: verify.DefaultPrecision}),
		Tail: configoptional.Default(Tail{
			Wait: defaultWait, Attributes: samplermarks.OfSpans(),
		}),
	}
}

// Sampler is what is declared, nil where it is none. Errors name the key, beginning with the section's own.
func (c *Config) Sampler() (verify.Sampler, error) {
	p, t := c.Probabilistic.Get(), c.Tail.Get()
	switch {
	case p != nil && t != nil:
		return nil, errors.New("sampler: only one can be declared, probabilistic or tail; behind both, declare tail")
	case p != nil:
		s, err := verify.NewConsistent(p.Percentage, p.Precision)
		if err != nil {
			return nil, fmt.Errorf("sampler::probabilistic::sampling_%w", err)
		}
		return s, nil
	case t != nil:
		if t.Wait < 0 || t.Wait > time.Hour {
			return nil, fmt.Errorf("sampler::tail::wait: must be between 0s and 1h, got %v", t.Wait)
		}
		return verify.Tail{Marks: t.Attributes}, nil
	}
	return nil, nil
}

// Validate says what is wrong, given when a trace is late and lost without a sampler.
func (c *Config) Validate(lateAfter, lostAfter time.Duration) error {
	if _, err := c.Sampler(); err != nil {
		return err
	}
	const longestLate, longestLost = time.Hour, 24 * time.Hour // of verify.Config
	wait := c.Wait()
	if wait > 0 && (lateAfter+wait > longestLate || lostAfter+wait > longestLost) {
		return fmt.Errorf("sampler::tail::wait: must be at most %v with late_after (%v) and at most %v with lost_after (%v), got %v",
			longestLate, lateAfter, longestLost, lostAfter, wait)
	}
	return nil
}

// Wait is how long the sampler may hold a trace back.
func (c *Config) Wait() time.Duration {
	if t := c.Tail.Get(); t != nil {
		return t.Wait
	}
	return 0
}
