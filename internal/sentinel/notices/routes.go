package notices

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// Routes are what the console serves. changed is called after each change, to save it.
func (b *Board) Routes(changed func(context.Context)) []console.Route {
	route := func(method, path, summary string, handle func(*http.Request) (int, any, error), about console.About) console.Route {
		return console.Route{Method: method, Path: path, Summary: summary, Handler: answering(handle), About: about}
	}
	return []console.Route{
		route(http.MethodGet, "/api/maintenance", "list the maintenance windows, the latest first",
			func(*http.Request) (int, any, error) {
				return http.StatusOK, wire.MaintenanceList{Maintenance: b.Maintenance()}, nil
			}, lists(wire.MaintenanceList{})),
		route(http.MethodPost, "/api/maintenance", "plan a maintenance window, which the adjusted uptime leaves out",
			func(r *http.Request) (int, any, error) { return created(r, b.AddMaintenance, changed) },
			creates(wire.NewMaintenance{}, wire.Maintenance{})),
		route(http.MethodDelete, "/api/maintenance/{id}", "remove a maintenance window",
			func(r *http.Request) (int, any, error) { return removed(r, b.RemoveMaintenance, changed) }, removes),

		route(http.MethodGet, "/api/announcements", "list the announcements, the latest first",
			func(*http.Request) (int, any, error) {
				return http.StatusOK, wire.AnnouncementList{Announcements: b.Announcements()}, nil
			}, lists(wire.AnnouncementList{})),
		route(http.MethodPost, "/api/announcements", "announce something on the public status page",
			func(r *http.Request) (int, any, error) { return created(r, b.AddAnnouncement, changed) },
			creates(wire.NewAnnouncement{}, wire.Announcement{})),
		route(http.MethodDelete, "/api/announcements/{id}", "remove an announcement",
			func(r *http.Request) (int, any, error) { return removed(r, b.RemoveAnnouncement, changed) }, removes),
	}
}

// created reads a body and adds what it says.
func created[B, N any](r *http.Request, put func(*B) (N, error), changed func(context.Context)) (int, any, error) {
	var body B
	if err := console.Decode(r, &body); err != nil {
		return 0, nil, err
	}
	added, err := put(&body)
	switch {
	case errors.Is(err, ErrFull), errors.Is(err, ErrLarge):
		return 0, nil, console.RefusalError{Status: http.StatusConflict, Message: err.Error()}
	case err != nil:
		return 0, nil, console.Bad(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	changed(context.WithoutCancel(r.Context())) // who asked may have gone
	return http.StatusCreated, added, nil
}

func removed(r *http.Request, take func(id string) error, changed func(context.Context)) (int, any, error) {
	id := r.PathValue("id")
	if err := take(id); err != nil {
		return 0, nil, console.RefusalError{Status: http.StatusNotFound, Message: err.Error()}
	}
	changed(context.WithoutCancel(r.Context())) // who asked may have gone
	return http.StatusOK, wire.Removed{ID: id}, nil
}

func answering(handle func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := console.ParametersOf(r).Err()
		status, body := 0, any(nil)
		if err == nil {
			status, body, err = handle(r)
		}
		if err != nil {
			console.RefuseFor(w, err)
			return
		}
		console.Answer(w, status, body)
	})
}

func lists(body any) console.About {
	return console.About{Answers: []console.Reply{console.Answers(body)}}
}

func creates(request, body any) console.About {
	return console.About{Body: request, Answers: []console.Reply{
		console.Creates(body),
		console.Refuses(http.StatusConflict, "There are as many as there may be."),
		console.Refuses(http.StatusRequestEntityTooLarge, "The body is too large."),
		console.Refuses(http.StatusUnsupportedMediaType, "The body is not application/json."),
	}}
}

var removes = console.About{Answers: []console.Reply{console.Answers(wire.Removed{})}}
