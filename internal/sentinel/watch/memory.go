package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/notices"
	"github.com/assayhq/assay/internal/sentinel/slo"
)

// saveEvery is how often what is known is saved.
const saveEvery = 30 * time.Second

// memoryVersion is that of the format of memory. Other versions are not read.
const memoryVersion = 1

// memory is what outlasts the process. Open traces do not: those of before a restart are not judged.
type memory struct {
	Version int                    `json:"version"`
	Past    past                   `json:"past"`
	Places  map[string]placeMemory `json:"places"`
	Alerts  map[string]alertMemory `json:"alerts"`
	Notices *notices.Board         `json:"notices"`
}

type placeMemory struct {
	Verdicts map[string]uint64 `json:"verdicts"`
	SLO      *slo.Tracker      `json:"slo"`
}

type alertMemory struct {
	Last     *alertcycle.Result  `json:"last"`
	Past     []alertcycle.Result `json:"past"`
	Outcomes map[string]uint64   `json:"outcomes"`
}

func newMemory(board *notices.Board) memory {
	return memory{Version: memoryVersion, Notices: board, Places: map[string]placeMemory{}, Alerts: map[string]alertMemory{}}
}

var errNewer = errors.New("its version is newer")

// remember reads what was saved. What cannot be read is told and left.
func (w *Watch) remember(ctx context.Context) {
	if w.config.Memory == nil {
		return
	}
	saved, err := w.recallAll(ctx)
	if errors.Is(err, errNewer) {
		w.config.Logger.Warn("What the sentinel knew before is of a newer Assay; it begins anew and saves nothing, so that the newer one finds it again",
			zap.Error(err))
		w.config.Memory = nil
		return
	}
	if err != nil {
		w.config.Logger.Warn("What the sentinel knew before cannot be read; it begins anew", zap.Error(err))
		return
	}
	if saved == nil {
		return
	}
	if saved.Places != nil {
		w.saved.Places = saved.Places
	}
	if saved.Alerts != nil {
		w.saved.Alerts = saved.Alerts
	}
	if saved.Past.Hours == nil {
		saved.Past.Hours = map[int64]map[State]int{}
	}
	if saved.Past.Planned == nil { // of an earlier version
		saved.Past.Planned = map[int64]map[State]int{}
	}
	w.history.past = saved.Past
	for _, p := range w.places {
		p.recall(w.saved.Places[p.name])
	}
}

func (w *Watch) recallAll(ctx context.Context) (*memory, error) {
	text, err := w.config.Memory.Load(ctx)
	if err != nil || text == nil {
		return nil, err
	}
	saved := &memory{Notices: w.notices} // which is filled in place
	if err := json.Unmarshal(text, saved); err != nil {
		return nil, err
	}
	if saved.Version > memoryVersion {
		return nil, fmt.Errorf("%w: %d, not %d", errNewer, saved.Version, memoryVersion)
	}
	if saved.Version != memoryVersion {
		return nil, fmt.Errorf("its version is %d, not %d", saved.Version, memoryVersion)
	}
	return saved, nil
}

// save writes what is known. A failure is told once, until it works again.
func (w *Watch) save(ctx context.Context) {
	if w.config.Memory == nil {
		return
	}
	text, err := json.Marshal(w.known())
	if err == nil {
		err = w.config.Memory.Save(ctx, text)
	}
	w.mu.Lock()
	forgets := w.forgets
	w.forgets = err != nil
	w.mu.Unlock()
	switch {
	case err != nil && !forgets:
		w.config.Logger.Warn("What the sentinel knows cannot be saved; after a restart its history will have a gap", zap.Error(err))
	case err == nil && forgets:
		w.config.Logger.Info("What the sentinel knows is saved again")
	}
}

// known is all that is worth keeping.
func (w *Watch) known() *memory {
	w.mu.Lock()
	m := &memory{Version: memoryVersion, Notices: w.notices, Places: maps.Clone(w.saved.Places), Alerts: maps.Clone(w.saved.Alerts)}
	places := w.places
	w.mu.Unlock()
	for _, p := range places {
		m.Places[p.name] = p.remembered()
	}
	if w.alerts != nil {
		w.alerts.remembered(m.Alerts)
	}
	m.Past = w.history.remembered()
	return m
}

func (h *history) remembered() past {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.past
	out.Hours, out.Planned = cloned(h.past.Hours), cloned(h.past.Planned)
	return out
}

func cloned(hours map[int64]map[State]int) map[int64]map[State]int {
	out := map[int64]map[State]int{}
	for hour, states := range hours {
		out[hour] = maps.Clone(states)
	}
	return out
}

func (p *place) remembered() placeMemory {
	p.mu.Lock()
	defer p.mu.Unlock()
	tracker := *p.tracker
	return placeMemory{Verdicts: maps.Clone(p.verdicts), SLO: &tracker}
}

// recall takes up what an earlier run knew.
func (p *place) recall(m placeMemory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, n := range m.Verdicts {
		p.verdicts[name] += n
	}
	if m.SLO != nil {
		p.tracker.Resume(m.SLO)
	}
}

func (a *alerts) remembered(to map[string]alertMemory) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, f := range a.followed {
		to[name] = alertMemory{Last: f.last, Past: f.past, Outcomes: maps.Clone(f.tally)}
	}
}
