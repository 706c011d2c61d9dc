package rehearsal

import (
	"errors"
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
)

// How whoever holds a verifier of lookups asks a store that hangs: so many questions at a time, each for so long.
const (
	hungAtOnce = 8
	hungFor    = 20 * time.Second
)

// ask looks up what is due.
func (w *World) ask() {
	most := 1000
	if w.Store.Hung {
		most = hungAtOnce - w.Store.asked
	}
	due := w.Verifier.Questions(w.Now(), most)
	early := w.Verifier.EarlyQuestions(w.Now(), most)
	w.lookups, w.early = w.lookups+len(due)+len(early), w.early+len(early)
	for _, q := range append(due, early...) {
		if !w.Store.Hung {
			answer, err := w.Store.Lookup(q.ID)
			w.Verifier.Answer(w.Now(), q, answer, err)
			continue
		}
		w.Store.asked++
		w.At(w.now+hungFor, func() {
			w.Store.asked--
			w.Verifier.Answer(w.Now(), q, backend.Answer{}, errors.New("context deadline exceeded"))
		})
	}
}
