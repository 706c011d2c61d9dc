package snapshot

import (
	"encoding/hex"
	"time"

	"pgregory.net/rapid"
)

var (
	anyText = rapid.SampledFrom([]string{"", "cart", "GET /", "(other)", "<b>", "日本語", "a\nb"})
	anyTime = rapid.Map(rapid.Int64Range(0, 4e18), func(ns int64) time.Time { return time.Unix(0, ns).UTC() })
	anyID   = rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), hex.EncodeToString)
	anySum  = rapid.Float64Range(0, 1e12)
)

func anyHistogram(t *rapid.T) (h Histogram) {
	for range rapid.IntRange(0, 5).Draw(t, "durations") {
		h.Add(rapid.Float64Range(0, 1e12).Draw(t, "duration"), rapid.Float64Range(1, 100).Draw(t, "weight"))
	}
	return h
}

func anySlices(t *rapid.T) (list []Slice) {
	for index := range uint32(20) {
		if !rapid.Bool().Draw(t, "slice") {
			continue
		}
		s := Slice{Index: index}
		for _, n := range s.counts() {
			*n = rapid.Uint32().Draw(t, "count")
		}
		for _, f := range s.floats() {
			*f = anySum.Draw(t, "sum")
		}
		list = append(list, s)
	}
	return list
}

func anyGroup(t *rapid.T, kind Kind) *Group {
	g := &Group{Identity: Identity{Kind: kind}, Slices: anySlices(t), Duration: anyHistogram(t), Self: anyHistogram(t)}
	for _, s := range g.strings() {
		*s = anyText.Draw(t, "text")
	}
	if rapid.Bool().Draw(t, "waits") {
		for i := range g.Slices {
			s := &g.Slices[i]
			s.WaitWeight, s.Wait, s.LogWait = rapid.Float64Range(1, 9).Draw(t, "calls"), anySum.Draw(t, "wait"), anySum.Draw(t, "log wait")
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "callers") {
		g.Parents = append(g.Parents, Calls{Service: anyText.Draw(t, "caller"), Operation: anyText.Draw(t, "operation"), Weight: anySum.Draw(t, "calls")})
	}
	for range rapid.IntRange(0, MaxExemplars).Draw(t, "exemplars") {
		g.Exemplars.Slow = append(g.Exemplars.Slow, anyID.Draw(t, "slow"))
		g.Exemplars.SlowDurations = append(g.Exemplars.SlowDurations, rapid.Int64().Draw(t, "slow for"))
		g.Exemplars.Error = append(g.Exemplars.Error, anyID.Draw(t, "error"))
		g.Exemplars.Random = append(g.Exemplars.Random, anyID.Draw(t, "random"))
	}
	return g
}

var anySnapshot = rapid.Custom(func(t *rapid.T) *Snapshot {
	s := &Snapshot{
		ID: anyText.Draw(t, "id"), QueryID: anyText.Draw(t, "query"), Start: anyTime.Draw(t, "start"), End: anyTime.Draw(t, "end"),
		State: rapid.SampledFrom([]State{Open, Complete, Partial}).Draw(t, "state"), Slice: time.Duration(rapid.Int64().Draw(t, "slice")),
		Total: *anyGroup(t, Total), Of: Definition{Text: anyText.Draw(t, "text"), Scope: anyText.Draw(t, "scope")},
	}
	if s.State != Open {
		s.Completed = anyTime.Draw(t, "completed")
	}
	for range rapid.IntRange(0, 2).Draw(t, "keys") {
		s.Keys = append(s.Keys, anyText.Draw(t, "key"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "versions") {
		s.Versions = append(s.Versions, Version{
			Service: anyText.Draw(t, "service"), Version: anyText.Draw(t, "version"), Weight: anySum.Draw(t, "weight"),
			First: anyTime.Draw(t, "first"), Last: anyTime.Draw(t, "last"),
		})
	}
	for _, n := range s.Coverage.fields() {
		*n = rapid.Uint64().Draw(t, "coverage")
	}
	for range rapid.IntRange(0, 4).Draw(t, "groups") {
		s.Groups = append(s.Groups, anyGroup(t, rapid.SampledFrom([]Kind{Service, Operation, Edge, Path, Attribute}).Draw(t, "kind")))
	}
	return s
})
