package store

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/assayhq/assay/test/postgrestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// suite is what both databases must do alike. Each check begins with an empty database; open opens it, each time as
// another collector does.
var suite = []func(t *testing.T, open func(*testing.T) Store){
	checkQueries, checkHostileNames,
	checkWindowOfOneCollector, checkWindowOfTwoCollectors, checkWindowWithoutOneCollector, checkFinishIsAllOrNothing,
	checkCollectorThatSavedNothing, checkWhoWatched, checkUnseenWindows, checkSnapshotsAreListed, checkDamagedPart, checkRetention,
	checkDiffs, checkDiffsAreFilteredAndPaged, checkDamagedDiff,
	checkAlertsFireUntilTheyAreResolved, checkAlertsThatChangeUnderWay, checkAlertsEndWithTheirQuery,
	checkLeases, checkLeaseIsTakenOnce, checkCollectors,
}

func TestSQLite(t *testing.T) {
	for _, check := range suite {
		t.Run(nameOf(check), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			check(t, func(t *testing.T) Store {
				s, err := OpenSQLite(path, zaptest.NewLogger(t), time.Now)
				return opened(t, s, err)
			})
		})
	}
}

func TestPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	for n, check := range suite {
		t.Run(nameOf(check), func(t *testing.T) {
			dsn := server.Database(t, fmt.Sprint("history", n))
			check(t, func(t *testing.T) Store {
				s, err := OpenPostgres(dsn, zaptest.NewLogger(t))
				return opened(t, s, err)
			})
		})
	}
}

func nameOf(check func(*testing.T, func(*testing.T) Store)) string {
	full := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
	return full[strings.LastIndex(full, ".check")+len(".check"):]
}

func opened(t *testing.T, s Store, err error) Store {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// noon is where the tests' time begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
