package api

import (
	"errors"
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// reply is what a handler answers with.
type reply struct {
	status int // 0: 200
	body   any // as JSON, unless it is text
	header http.Header
}

// text is a body that is no JSON.
type text struct{ kind, content string }

// answering writes what a handler returns.
func answering(handle func(*http.Request) (reply, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := handle(r)
		if err != nil {
			status, message := explain(err)
			if status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", "10")
			}
			console.Refuse(w, status, message)
			return
		}
		for name, values := range answer.header {
			w.Header()[name] = values
		}
		if answer.status == 0 {
			answer.status = http.StatusOK
		}
		if t, ok := answer.body.(text); ok {
			w.Header().Set("Content-Type", t.kind)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.WriteHeader(answer.status)
			_, _ = w.Write([]byte(t.content))
			return
		}
		console.Answer(w, answer.status, answer.body)
	})
}

// explain gives an error its status and its words.
func explain(err error) (status int, message string) {
	var invalid tracediff.InvalidError
	var refused tracediff.RefusedError
	var own console.RefusalError
	switch {
	case errors.As(err, &own):
		return own.Status, own.Message
	case errors.As(err, &invalid):
		return http.StatusBadRequest, describe(invalid)
	case errors.As(err, &refused):
		return http.StatusBadRequest, refused.Error()
	case errors.Is(err, tracediff.ErrReadOnly):
		return http.StatusForbidden, err.Error()
	case errors.Is(err, tracediff.ErrTooMany):
		return http.StatusConflict, err.Error()
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, "there is nothing under this id"
	case errors.Is(err, store.ErrDamaged):
		return http.StatusGone, "what was stored under this id is damaged; it can be deleted"
	case errors.Is(err, store.ErrUnavailable):
		return http.StatusServiceUnavailable, "the database does not answer; try again later" // why is in the collector's log
	}
	return http.StatusInternalServerError, "something went wrong"
}
