package api

import (
	"fmt"
	"net/http"

	"github.com/assayhq/assay/internal/console"
)

func (h *handlers) listQueries(r *http.Request) (reply, error) {
	if err := parametersOf(r).Err(); err != nil {
		return reply{}, err
	}
	list := []*definition{}
	for _, q := range h.service.Queries() {
		list = append(list, definitionOf(&q))
	}
	return reply{body: list}, nil
}

func (h *handlers) getQuery(r *http.Request) (reply, error) {
	q, err := h.service.Query(r.PathValue("id"))
	return reply{body: definitionOf(&q)}, err
}

func (h *handlers) createQuery(r *http.Request) (reply, error) {
	var d definition
	if err := console.Decode(r, &d); err != nil {
		return reply{}, err
	}
	if d.ID != "" || d.Source != "" || d.Promise != nil {
		return reply{}, console.Bad("id, source and promise: are given by the server; leave them out")
	}
	q, err := d.query(h.service.Thresholds())
	if err != nil {
		return reply{}, err
	}
	if q, err = h.service.CreateQuery(r.Context(), q); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: definitionOf(&q), header: http.Header{"Location": {"/api/queries/" + q.ID}}}, nil
}

func (h *handlers) updateQuery(r *http.Request) (reply, error) {
	id := r.PathValue("id")
	var d definition
	if err := console.Decode(r, &d); err != nil {
		return reply{}, err
	}
	if d.ID != "" && d.ID != id {
		return reply{}, console.Bad(fmt.Sprintf("id: must be that of the path or left out, got %q", d.ID))
	}
	if d.Source != "" && d.Source != "api" {
		return reply{}, console.Bad(fmt.Sprintf(`source: must be "api" or left out, got %q`, d.Source))
	}
	q, err := d.query(h.service.Thresholds())
	if err != nil {
		return reply{}, err
	}
	q, err = h.service.UpdateQuery(r.Context(), id, q)
	return reply{body: definitionOf(&q)}, err
}

func (h *handlers) deleteQuery(r *http.Request) (reply, error) {
	q, err := h.service.DeleteQuery(r.Context(), r.PathValue("id"))
	return reply{body: deleted{definitionOf(&q)}}, err
}

// deleted is the answer to DELETE: what was removed.
type deleted struct {
	Msg any `json:"msg"`
}
