package replay

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/assayhq/assay/internal/otlpfile"
)

// Config says what is replayed and how. NewConfig has the defaults.
type Config struct {
	Files []string  // paths; "-" is Stdin
	Stdin io.Reader // what "-" reads; nil is the process's standard input

	Speed  float64       // recorded seconds per second, or Max
	MaxGap time.Duration // longer pauses between two batches are cut to this; 0 keeps them

	Rebase bool   // move time stamps to the present: see shifter
	NewIDs bool   // give every pass trace ids of its own
	Seed   uint64 // of the new ids: the same seed gives the same ids

	Repeat     int   // passes over the files; 0 is without end
	LimitSpans int64 // stop after this many spans; 0 is no limit

	Concurrency     int // requests under way at a time
	MaxRequestBytes int // larger batches are cut
	MaxRecordBytes  int // limit of a line or message in a file
	CacheBytes      int // recordings up to this size are kept encoded for the passes after the first
	Strict          bool

	Client ClientConfig

	// Progress, if set, is called about five times a second from one goroutine, and once at the end.
	Progress func(Status)
	// Note, if set, is told what a user may wonder about while it happens, such as a long pause of the recording, one line
	// each. It may be called from any goroutine.
	Note func(string)
}

// Max as speed sends as fast as the receiver takes it.
const Max = 0

// NewConfig has the defaults of assayctl replay.
func NewConfig() Config {
	return Config{
		Speed:           10,
		Rebase:          true,
		Repeat:          1,
		Concurrency:     4,
		MaxRequestBytes: 3 << 20, // gRPC servers refuse messages above 4 MiB unless told otherwise
		MaxRecordBytes:  otlpfile.DefaultMaxRecordBytes,
		CacheBytes:      512 << 20,
		Client:          newClientConfig(),
	}
}

// Validate names everything that is wrong, by flag.
func (c *Config) Validate() error {
	var errs []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	add(len(c.Files) == 0, "no file given: name trace files, or - for standard input")
	add(c.Speed < 0 || math.IsNaN(c.Speed) || math.IsInf(c.Speed, 0),
		"--speed: must be positive, got %v; --max is as fast as possible", c.Speed)
	add(c.MaxGap < 0, "--max-gap: must not be negative, got %v", c.MaxGap)
	add(c.Repeat < 0, "--repeat: must be 1 or more, or 0 for no end, got %d", c.Repeat)
	add(c.LimitSpans < 0, "--limit-spans: must not be negative, got %d", c.LimitSpans)
	add(c.Concurrency < 1 || c.Concurrency > 1024, "--concurrency: must be 1 to 1024, got %d", c.Concurrency)
	add(c.MaxRequestBytes < 1<<10, "--max-request-kib: must be at least 1, got %d bytes", c.MaxRequestBytes)
	stdin := 0
	for _, f := range c.Files {
		if f == otlpfile.Stdin {
			stdin++
			continue
		}
		// A file that is not there is found before anything is sent.
		r, err := otlpfile.Open(f, otlpfile.WithMaxRecordBytes(c.MaxRecordBytes))
		if err == nil {
			err = r.Close()
		}
		errs = append(errs, err)
	}
	add(stdin > 1, "standard input (-) is named %d times", stdin)
	return errors.Join(append(errs, c.Client.Validate())...)
}

func (c *Config) note(format string, args ...any) {
	if c.Note != nil {
		c.Note(fmt.Sprintf(format, args...))
	}
}

func (c *Config) stdin() io.Reader {
	if c.Stdin != nil {
		return c.Stdin
	}
	return os.Stdin
}
