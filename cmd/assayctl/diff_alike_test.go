package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// save makes a snapshot of a recording with some options.
func save(t *testing.T, recording string, options ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "saved.snapshot")
	got := assayctl(t, "", append(append([]string{"diff", "--save", path}, options...), recording, recording)...)
	require.Equal(t, exitOK, got.code, got.err)
	return path
}

// Snapshots that answer different questions differ for that reason alone. They are refused, with a way out.
func TestOnlyWhatAnswersOneQuestionIsCompared(t *testing.T) {
	recording := shop{seed: 60, traces: 300, statuses: map[int]float64{503: 0.1}}.record(t, monday)
	plain := save(t, recording)
	api := save(t, recording, "-Q", `service IN ("api")`)
	spans := save(t, recording, "-Q", `service IN ("api")`, "--scope", "span")
	tenants := save(t, recording, "--key", "tenant")
	both := save(t, recording, "--key", "tenant,http.status_code")
	other := save(t, recording, "--key", "zone")
	for _, tt := range []struct {
		name string
		args []string
		errs []string // none where the comparison is made
	}{
		{"another query", []string{plain, api}, []string{plain + " is about --query '", api + ` is about --query 'service IN ("api")' --scope trace: `, "save again what differs"}},
		{"another scope", []string{api, spans}, []string{"--scope trace", spans + ` is about --query 'service IN ("api")' --scope span`}},
		{"the query of a recording is that of the command line", []string{api, recording}, []string{api, recording + " is about --query '"}},
		{"everything is what is compared unless something is said", []string{"-Q", "*", plain, recording}, nil},
		{"the same query", []string{"-Q", `service IN ("api")`, api, recording}, nil},
		{"spaces around a query mean nothing", []string{"-Q", ` service IN ("api") `, api, recording}, nil},
		{"other keys", []string{tenants, both}, []string{tenants + " has the values of tenant, " + both + " those of tenant, http.status_code: say with --key which of them to compare, such as --key tenant"}},
		{"other keys, the common one named", []string{"--key", "tenant", tenants, both}, nil},
		{"no common key", []string{tenants, other}, []string{"--key '' compares no values"}},
		{"no common key, none wanted", []string{"--key", "", tenants, other}, nil},
		{"keys of a recording are those of the command line", []string{tenants, recording}, []string{"such as --key tenant", recording + " those of http.response.status_code"}},
		{"a key that was not captured", []string{"--key", "zone", tenants, recording}, []string{"--key: " + tenants + " does not have the values of zone, but those of tenant"}},
		{"history of another query", []string{"--history", api, "--history", plain, plain, recording}, []string{"--history: " + api + " is about"}},
		{"history with other keys", []string{"--history", plain, "--history", tenants, plain, recording}, []string{"--history: " + tenants + " has the values of tenant"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, command := range []string{"diff", "gate"} {
				got := assayctl(t, "", append([]string{command}, tt.args...)...)
				if len(tt.errs) == 0 {
					assert.Equal(t, exitOK, got.code, got.err)
					continue
				}
				assert.Equal(t, exitUsage, got.code)
				for _, e := range tt.errs {
					assert.Contains(t, got.err, e)
				}
			}
		})
	}
}

// Only the values of the keys that are named are compared, of snapshots too.
func TestNamedKeysAreTheOnesCompared(t *testing.T) {
	before := save(t, shop{seed: 61, traces: 2000, statuses: map[int]float64{503: 0.2}}.record(t, monday), "--key", "tenant,http.status_code")
	after := save(t, shop{seed: 62, traces: 2000, statuses: map[int]float64{403: 0.2}}.record(t, tuesday), "--key", "http.status_code,tenant")
	got := assayctl(t, "", "diff", before, after)
	assert.Contains(t, got.out, "http.status_code = 503")
	got = assayctl(t, "", "diff", "--key", "tenant", before, after)
	assert.Equal(t, exitOK, got.code, got.err)
	assert.NotContains(t, got.out, "http.status_code = 503")
}

// A snapshot from before queries were written down can still be compared with any.
func TestOlderSnapshotsAreComparable(t *testing.T) {
	recording := shop{seed: 63, traces: 300}.record(t, monday)
	s, err := readSnapshot(save(t, recording))
	require.NoError(t, err)
	s.QueryID, s.ID = "assayctl", snapshot.NewID("assayctl", s.Start)
	old := filepath.Join(t.TempDir(), "old.snapshot")
	require.NoError(t, saveSnapshot(old, s))
	got := assayctl(t, "", "diff", old, recording)
	assert.Equal(t, exitOK, got.code, got.err)
}
