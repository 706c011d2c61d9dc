package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/samplermarks"
)

// Defaults is the configuration of a sampler that is not told otherwise.
func Defaults() Config {
	return Config{
		Budget:   Budget{Unit: SharePercent, Value: 10},
		Baseline: 0.2,
		Completion: Completion{
			Target: 0.999, InitialWait: 10 * time.Second, MinWait: 100 * time.Millisecond, MaxWait: time.Minute,
		},
		Paths:        Paths{Max: 10_000, HalfLife: 10 * time.Minute, NormalizeNames: true},
		Interest:     Interest{Latency: 0.55, Error: 0.35, Rarity: 0.1},
		MemoryLimit:  1024 << 20,
		KeptCache:    200_000,
		DroppedCache: 2_000_000,
		Marks: Marks{
			Reason: samplermarks.Reason, Path: samplermarks.Path, Probability: samplermarks.Probability,
		},
	}
}
