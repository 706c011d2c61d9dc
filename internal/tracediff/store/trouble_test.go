package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/test/postgrestest"
)

// sqliteFile opens a file through the store, and beside it.
func sqliteFile(t *testing.T, logger *zap.Logger) (Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.db")
	s, err := OpenSQLite(path, logger, func() time.Time { return noon })
	return opened(t, s, err), path
}

func works(t *testing.T, s Store, n int) {
	t.Helper()
	save(t, s, "c1", noon, window("q1", n, 10))
	row, err := s.Snapshot(t.Context(), window("q1", n, 0).ID)
	require.NoError(t, err)
	assert.Equal(t, uint64(10), row.Coverage.Spans)
}

// fails wants an error that says: try again later.
func fails(t *testing.T, s Store, n int) {
	t.Helper()
	failsWithin(t, s, n, 200*time.Millisecond)
}

func failsWithin(t *testing.T, s Store, n int, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	w := window("q1", n, 10)
	p, err := NewPart("c1", noon, due(w), w)
	require.NoError(t, err)
	require.ErrorIs(t, s.SavePart(ctx, p), ErrUnavailable)
}

func TestSQLiteLocked(t *testing.T) {
	s, path := sqliteFile(t, zaptest.NewLogger(t))
	works(t, s, 0)
	other, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	conn, err := other.Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	fails(t, s, 1)
	_, err = s.Snapshot(t.Context(), window("q1", 0, 0).ID)
	require.NoError(t, err, "readers do not wait for writers")
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	works(t, s, 1)
}

func TestSQLiteFull(t *testing.T) {
	s, _ := sqliteFile(t, zaptest.NewLogger(t))
	works(t, s, 0)
	d := s.(*database)
	db, err := d.opened(t.Context())
	require.NoError(t, err)
	db.SetMaxOpenConns(1) // the limit below is one connection's
	var pages int
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	limit := func(n int) {
		_, err := db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n))
		require.NoError(t, err)
	}
	limit(pages)
	var failed error
	for n := 1; n < 500 && failed == nil; n++ {
		w := window("q1", n, 10)
		p, err := NewPart("c1", noon, due(w), w)
		require.NoError(t, err)
		failed = s.SavePart(t.Context(), p)
	}
	require.ErrorIs(t, failed, ErrUnavailable)
	require.ErrorContains(t, failed, "full")
	pending, err := s.Pending(t.Context(), noon.Add(10000*time.Hour))
	require.NoError(t, err)
	for _, p := range pending {
		parts, err := s.Parts(t.Context(), p.SnapshotID)
		require.NoError(t, err)
		assert.Len(t, parts, 1, "a window without its part would be half-written")
	}
	limit(1 << 20)
	works(t, s, 1000)
}

// A file that is no database is set aside, whether it was so before the start or became so; a new history begins.
func TestSQLiteCorrupt(t *testing.T) {
	core, logs := observer.New(zap.ErrorLevel)
	s, path := sqliteFile(t, zap.New(core))
	require.NoError(t, os.WriteFile(path, []byte("this is not a database, but it is long enough to be taken for one at first sight"), 0o600))
	fails(t, s, 0)
	works(t, s, 0)
	require.Equal(t, 1, logs.Len())
	place := path + ".damaged-20260301T120000.000"
	assert.Equal(t, place, logs.All()[0].ContextMap()["set_aside"])
	text, err := os.ReadFile(place)
	require.NoError(t, err)
	assert.Contains(t, string(text), "this is not a database", "nothing is thrown away")

	for n := range 50 {
		works(t, s, n)
	}
	require.NoError(t, s.Close())
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	garbage := make([]byte, 3*4096)
	for i := range garbage {
		garbage[i] = byte(i*7 + 1)
	}
	_, err = file.WriteAt(garbage, 4096) // the root pages of tables; the header is whole
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, os.RemoveAll(place))
	s, err = OpenSQLite(path, zap.New(core), func() time.Time { return noon })
	s = opened(t, s, err)
	failsWithin(t, s, 1000, time.Minute) // migrating tries for seconds
	works(t, s, 1000)
	assert.Equal(t, 2, logs.Len())
}

// The directory appears later, as a volume may.
func TestSQLiteDirectoryMissing(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "later")
	s, err := OpenSQLite(filepath.Join(directory, "history.db"), zaptest.NewLogger(t), time.Now)
	s = opened(t, s, err)
	fails(t, s, 0)
	require.NoError(t, os.Mkdir(directory, 0o700))
	works(t, s, 0)
}

// A file with characters that mean something in a URI is still that file.
func TestSQLitePath(t *testing.T) {
	for path, wrong := range map[string]string{
		"":                `must be the path of a file, got ""`,
		":memory:":        `must be the path of a file: a history in memory would not outlive a restart, got ":memory:"`,
		"file:a.db":       `must be a plain path; options are set by trace_diff itself, got "file:a.db"`,
		"a.db?mode=ro":    `must be a plain path; options are set by trace_diff itself, got "a.db?mode=ro"`,
		"./trace_diff.db": "",
	} {
		if wrong == "" {
			require.NoError(t, CheckSQLite(path))
			continue
		}
		require.EqualError(t, CheckSQLite(path), wrong)
	}
	path := filepath.Join(t.TempDir(), "a b%20c&d.db")
	s, err := OpenSQLite(path, zaptest.NewLogger(t), time.Now)
	s = opened(t, s, err)
	works(t, s, 0)
	_, err = os.Stat(path)
	require.NoError(t, err)
}

func TestPostgresDSN(t *testing.T) {
	require.NoError(t, CheckPostgres("postgres://assay@db/assay"))
	require.NoError(t, CheckPostgres("host=db user=assay dbname=assay"))
	require.EqualError(t, CheckPostgres(""), "must be set, such as postgres://assay:PASSWORD@db:5432/assay")
	err := CheckPostgres("postgres://assay:s3cret@db:port/assay")
	require.ErrorContains(t, err, "must be a PostgreSQL URL or key=value pairs: ")
	assert.NotContains(t, err.Error(), "s3cret")
}

// The server is not there at first, goes away in the middle, and comes back: calls fail until then, and work after it.
func TestPostgresAway(t *testing.T) {
	server := postgrestest.Start(t)
	dsn := server.Database(t, "history")
	server.Kill(t)
	s, err := OpenPostgres(dsn, zaptest.NewLogger(t))
	s = opened(t, s, err)
	fails(t, s, 0)
	server.Run(t)
	works(t, s, 0)
	server.Kill(t)
	for range 5 {
		fails(t, s, 1)
	}
	server.Run(t)
	works(t, s, 1)
	row, err := s.Snapshot(t.Context(), window("q1", 0, 0).ID)
	require.NoError(t, err)
	assert.Equal(t, uint64(10), row.Coverage.Spans)
}

// Collectors that start together migrate once.
func TestPostgresMigratesOnce(t *testing.T) {
	server := postgrestest.Start(t)
	dsn := server.Database(t, "history")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := OpenPostgres(dsn, zap.NewNop())
			if err == nil {
				_, err = s.Queries(t.Context())
			}
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestClosedStore(t *testing.T) {
	s, _ := sqliteFile(t, zaptest.NewLogger(t))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err := s.Queries(t.Context())
	require.ErrorIs(t, err, ErrUnavailable)
}
