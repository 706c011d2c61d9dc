package traceassembly

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"pgregory.net/rapid"
)

// numbered is a trace with something of its own.
type numbered struct {
	Trace
	number int
}

func idOf(n int) (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n)+1)
	return id
}

// Against a plain list: whatever is opened, touched, detached and given back, traces are found by id, stand in order, keep what
// they hold while pages are added, and no index is given out twice.
func TestTableAgainstAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable[numbered]()
		open := []uint32{} // oldest first
		detached := map[uint32]int{}
		number := map[uint32]int{}
		next := 0
		pick := func(t *rapid.T) int {
			if len(open) == 0 {
				t.Skip("none is open")
			}
			return rapid.IntRange(0, len(open)-1).Draw(t, "which")
		}
		t.Repeat(map[string]func(*rapid.T){
			"open": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 3, 700}).Draw(t, "n") {
					i, made := table.Open(idOf(next), time.Duration(next))
					if _, taken := number[i]; taken || made.number != 0 {
						t.Fatalf("index %d is given out twice, or holds %d", i, made.number)
					}
					made.number = next
					number[i] = next
					open = append(open, i)
					next++
				}
			},
			"touch": func(t *rapid.T) {
				n := pick(t)
				i := open[n]
				table.Touch(i)
				open = append(slices.Delete(open, n, n+1), i)
			},
			"detach": func(t *rapid.T) {
				n := pick(t)
				i := open[n]
				table.Detach(i)
				open = slices.Delete(open, n, n+1)
				detached[i] = number[i]
			},
			"give": func(*rapid.T) {
				for i := range detached {
					table.Give(i)
					delete(detached, i)
					delete(number, i)
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(open), table.Len())
				require.Equal(t, len(number), table.Held())
				order := []uint32{}
				for i := table.Oldest(); i != None; i = table.Newer(i) {
					order = append(order, i)
				}
				require.Equal(t, open, order)
				for i, n := range number {
					found, ok := table.Find(idOf(n))
					if _, gone := detached[i]; table.At(i).number != n || ok == gone || ok && found != i {
						t.Fatalf("trace %d at %d: has %d, found at %d (%v)", n, i, table.At(i).number, found, ok)
					}
				}
			},
		})
	})
}

// The pages of a burst go when it has passed.
func TestTableShrinks(t *testing.T) {
	table := NewTable[numbered]()
	for n := range 10 * pageTraces {
		table.Open(idOf(n), 0)
	}
	full := table.Bytes()
	for table.Oldest() != None {
		i := table.Oldest()
		table.Detach(i)
		table.Give(i)
	}
	require.Greater(t, full, int64(10*pageTraces*100))
	require.Zero(t, table.Bytes())
}
