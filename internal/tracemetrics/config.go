package tracemetrics

import "time"

// Config is how traces are counted.
type Config struct {
	Operations bool          // count spans by operation, too
	Delta      bool          // count from one collection to the next; else from the start of the series
	MaxSeries  int           // of each metric; past it, new ones are counted in one overflow series
	Expiration time.Duration // a series that nothing was added to for so long ends
	Exemplars  int           // kept traces, at most, for each series and collection
	MaxBuckets int           // of a histogram: 160 give a relative error of at most 5 % over three decades
}

// Defaults are what a connector takes where nothing is configured.
func Defaults() Config {
	return Config{MaxSeries: 10_000, Expiration: 30 * time.Minute, Exemplars: 4, MaxBuckets: 160}
}
