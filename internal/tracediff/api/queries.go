package api

import (
	"fmt"
	"net/http"

	"github.com/assayhq/assay/internal/console"
)

func (h *handlers) listQueries(r *http.Request) (reply, error) {
	p := parametersOf(r, "offset")
	offset := p.offset()
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	list := []*TutorialQuery{}
	for _, q := range h.service.Queries() {
		list = append(list, tutorialQuery(&q))
	}
	return rest(r, list, offset), nil
}

func (h *handlers) getQuery(r *http.Request) (reply, error) {
	q, err := h.service.Query(r.PathValue("id"))
	return reply{body: tutorialQuery(&q)}, err
}

func (h *handlers) createQuery(r *http.Request) (reply, error) {
	var d TutorialChangedQuery // more than TutorialNewQuery has, to say why that is refused
	if err := console.Decode(r, &d); err != nil {
		return reply{}, err
	}
	if d.ID != "" || d.Source != "" || d.Promise != nil || d.ChangedAt != nil {
		return reply{}, console.Bad("id, source, changed_at and promise: are given by the server; leave them out")
	}
	q, err := definitionOf(&d.NewQuery, h.service.Thresholds(), asOurs(&d.NewQuery, d.CreatedAt, d.GroupByKeys))
	if err != nil {
		return reply{}, err
	}
	if q, err = h.service.CreateQuery(r.Context(), q); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: tutorialQuery(&q), header: http.Header{"Location": {"/api/queries/" + q.ID}}}, nil
}

func (h *handlers) updateQuery(r *http.Request) (reply, error) {
	id := r.PathValue("id")
	var d TutorialChangedQuery
	if err := console.Decode(r, &d); err != nil {
		return reply{}, err
	}
	if d.ID != "" && d.ID != id {
		return reply{}, console.Bad(fmt.Sprintf("id: must be that of the path or left out, got %q", d.ID))
	}
	if d.Source != "" && d.Source != "api" {
		return reply{}, console.Bad(fmt.Sprintf(`source: must be "api" or left out, got %q`, d.Source))
	}
	q, err := definitionOf(&d.NewQuery, h.service.Thresholds(), asOurs(&d.NewQuery, d.CreatedAt, d.GroupByKeys))
	if err != nil {
		return reply{}, err
	}
	q, err = h.service.UpdateQuery(r.Context(), id, q)
	return reply{body: tutorialQuery(&q)}, err
}

func (h *handlers) deleteQuery(r *http.Request) (reply, error) {
	q, err := h.service.DeleteQuery(r.Context(), r.PathValue("id"))
	return reply{body: TutorialDeletedQuery{tutorialQuery(&q)}}, err
}
