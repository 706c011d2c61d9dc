package tracediffexporter

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// problems collects every complaint about a configuration, each with the path of the key below the component.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

const (
	minMemoryMiB = 16
	maxMemoryMiB = 1 << 20 // 1 TiB
	maxGroups    = 10_000_000
	minRetention = time.Hour
	longestWait  = 10 * time.Minute
)

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var p problems
	c.Storage.check(&p)
	inRange(&p, "limits::groups_per_snapshot", c.Limits.GroupsPerSnapshot, 1, maxGroups)
	inRange(&p, "limits::values_per_key", c.Limits.ValuesPerKey, 1, maxGroups)
	inRange(&p, "limits::memory_mib", c.Limits.MemoryMiB, minMemoryMiB, maxMemoryMiB)
	inRange(&p, "assembly::wait", c.Assembly.Wait, 10*time.Millisecond, longestWait)
	defaults := c.defaults(&p)
	c.queries(&p, &defaults)
	for _, name := range c.targetNames() {
		target := c.Alerts[name]
		target.check(&p, "alerts::"+name)
	}
	return errors.Join(p...)
}

func (s *StorageConfig) check(p *problems) {
	var err error
	switch s.Driver {
	case driverSQLite:
		err = store.CheckSQLite(string(s.DSN))
	case driverPostgres:
		err = store.CheckPostgres(string(s.DSN))
	default:
		p.add("storage::driver: must be %s or %s, got %q", driverSQLite, driverPostgres, s.Driver)
	}
	if err != nil {
		p.add("storage::dsn: %w", err)
	}
	if s.Retention < minRetention {
		p.add("storage::retention: must be at least %v, got %v", minRetention, s.Retention)
	}
}

func (c *AlertConfig) check(p *problems, at string) {
	switch c.Type {
	case typeAlertmanager:
		if c.Secret != "" {
			p.add("%s::secret: has no meaning for type %s; use auth", at, typeAlertmanager)
		}
	case typeWebhook:
	default:
		p.add("%s::type: must be %s or %s, got %q", at, typeAlertmanager, typeWebhook, c.Type)
	}
	if u, err := url.Parse(c.Endpoint); c.Endpoint == "" || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.add("%s::endpoint: must be a URL such as http://localhost:9093, got %q", at, c.Endpoint)
	}
}

func (c *Config) targetNames() []string {
	names := make([]string, 0, len(c.Alerts))
	for name := range c.Alerts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func inRange[T int | int64 | time.Duration](p *problems, key string, v, low, high T) {
	if v < low || v > high {
		p.add("%s: must be between %v and %v, got %v", key, low, high, v)
	}
}
