package tracediffexporter

import (
	"net/url"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tracediff/store"
)

const (
	minMemoryMiB = 16
	maxMemoryMiB = 1 << 20 // 1 TiB
	maxGroups    = 10_000_000
	minRetention = time.Hour
	longestWait  = 10 * time.Minute
)

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var p configerrors.List
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
	return p.Err()
}

func (s *StorageConfig) check(p *configerrors.List) {
	var err error
	switch s.Driver {
	case driverSQLite:
		err = store.CheckSQLite(string(s.DSN))
	case driverPostgres:
		err = store.CheckPostgres(string(s.DSN))
	default:
		p.Add("storage::driver: must be %s or %s, got %q", driverSQLite, driverPostgres, s.Driver)
	}
	if err != nil {
		p.Add("storage::dsn: %w", err)
	}
	if s.Retention < minRetention {
		p.Add("storage::retention: must be at least %v, got %v", minRetention, s.Retention)
	}
}

func (c *AlertConfig) check(p *configerrors.List, at string) {
	switch c.Type {
	case typeAlertmanager:
		if c.Secret != "" {
			p.Add("%s::secret: has no meaning for type %s; use auth", at, typeAlertmanager)
		}
	case typeWebhook:
	default:
		p.Add("%s::type: must be %s or %s, got %q", at, typeAlertmanager, typeWebhook, c.Type)
	}
	if u, err := url.Parse(c.Endpoint); c.Endpoint == "" || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.Add("%s::endpoint: must be a URL such as http://localhost:9093, got %q", at, c.Endpoint)
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

func inRange[T int | int64 | time.Duration](p *configerrors.List, key string, v, low, high T) {
	if v < low || v > high {
		p.Add("%s: must be between %v and %v, got %v", key, low, high, v)
	}
}
