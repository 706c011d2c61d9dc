package window

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// discover takes in one span for each map of attributes, of a trace each unless they share one.
func discover(each func(trace int) map[string]any, traces int) *Discovery {
	d := NewDiscovery()
	for n := range traces {
		attributes := each(n)
		d.Add(tracesOf(spec{trace: n + 1, id: 1, service: "shop", version: "1", start: time.Second, attributes: attributes},
			spec{trace: n + 1, id: 2, service: "shop", version: "1", start: time.Second, attributes: attributes}))
	}
	return d
}

// formsOf are the forms of all captured keys.
func formsOf(d *Discovery, named ...string) map[string]Form {
	forms := map[string]Form{}
	list, _, _ := d.Captures(named)
	for _, c := range list {
		forms[c.Key] = c.Form
	}
	return forms
}

// What is captured of an attribute follows from how many values it has, and how many traces each of them.
func TestFormsOfAttributes(t *testing.T) {
	d := discover(func(n int) map[string]any {
		user := fmt.Sprint("user", n)
		if n%10 == 0 {
			user = "robot"
		}
		few := map[string]any{
			"alike": "x", "tenant": n % 40, "status": 200 + 100*(n%4), "session": fmt.Sprintf("%x-%d", n*7919, n), "user": user,
			"bytes": 1000 + 37*n, "customer": n % 300, "ratio": float64(n) / 3, "text number": strconv.Itoa(n), "statement": fmt.Sprint("SELECT ", n%200),
		}
		if n < 3 {
			few["rare"] = fmt.Sprint("once ", n)
		}
		return few
	}, 600)
	assert.Equal(t, map[string]Form{
		"tenant": AsValues, "status": AsValues, "session": AsPresence, "user": AsPresence, "bytes": AsRanges, "customer": AsRanges, "ratio": AsRanges,
		"text number": AsRanges, "statement": AsValues, "rare": AsValues,
	}, formsOf(d), "what all spans have alike says nothing, service.version among it")
	assert.Equal(t, AsValues, formsOf(d, "alike")["alike"], "but who names it has it")

	list, _, _ := d.Captures(nil)
	texts := map[string]string{}
	for i := range list {
		for _, v := range []pcommon.Value{pcommon.NewValueStr("robot"), pcommon.NewValueStr("user7"), pcommon.NewValueInt(5000), pcommon.NewValueInt(-3)} {
			texts[list[i].Key+" of "+v.AsString()] = string(list[i].append(nil, v))
		}
	}
	for of, want := range map[string]string{
		"user of robot": "robot", "user of user7": OtherValue, "session of user7": AnyValue, "bytes of 5000": "[4096, 8192)", "bytes of -3": "(-4, -2]",
		"bytes of robot": AnyValue, "tenant of 5000": "5000",
	} {
		assert.Equal(t, want, texts[of], of)
	}
}

// Ranges are those between powers of two; a number is in the range that it is put in.
func TestRangesOfNumbers(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 1: "[1, 2)", 1.99: "[1, 2)", 2: "[2, 4)", 1023: "[512, 1024)", 1024: "[1024, 2048)", 0.3: "[0.25, 0.5)", -1: "(-2, -1]", -1.5: "(-2, -1]",
		1e20: "[7.378697629483821e+19, 1.4757395258967641e+20)", 5e-324: "[5e-324, 1e-323)",
	} {
		assert.Equal(t, want, string(appendRange(nil, n)), n)
	}
	inf := pcommon.NewValueDouble(1)
	inf.SetDouble(inf.Double() / 0.0000000000000000001 * 1e308)
	n, ok := numberOf(inf)
	require.True(t, ok)
	assert.Equal(t, "+Inf", string(appendRange(nil, n)))
	for _, text := range []string{"", "12a", "0x", "NaN", "nan", strings.Repeat("1", 41)} {
		_, ok := numberOf(pcommon.NewValueStr(text))
		assert.False(t, ok, text)
	}
}

// However many keys and values there are, what is held of them is bounded, and what finds no place is said.
func TestDiscoveryIsBounded(t *testing.T) {
	d := discover(func(n int) map[string]any {
		a := map[string]any{"common": n % 2}
		for i := range 60 {
			a[fmt.Sprintf("key%d.%d", n, i)] = "x"
			a["free"] = fmt.Sprint(n, i)
		}
		return a
	}, 100)
	assert.Len(t, d.keys, maxDiscovered)
	list, leftOut, more := d.Captures([]string{"named", "service"})
	assert.True(t, more)
	assert.Len(t, list, maxCaptured)
	assert.Len(t, leftOut, maxDiscovered-maxCaptured, "one was named, and one, which all spans have alike, needs no place")
	assert.Equal(t, Captured{Key: "named", Form: AsValues}, list[0])
	assert.Equal(t, []string{"common", "free"}, []string{list[1].Key, list[2].Key}, "those that most spans have come first")

	d = discover(func(n int) map[string]any { return map[string]any{"id": fmt.Sprint("id", n)} }, maxTracked+500)
	assert.Len(t, d.keys["id"].values, maxTracked)
	assert.Equal(t, map[string]Form{"id": AsPresence}, formsOf(d))
}
