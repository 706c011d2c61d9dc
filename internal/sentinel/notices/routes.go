package notices

import (
	"errors"
	"net/http"
	"strings"

	"github.com/assayhq/assay/internal/console"
)

// Routes are what the console serves. changed is called after each change, to save it.
func (b *Board) Routes(changed func()) []console.Route {
	return []console.Route{
		{Method: http.MethodGet, Path: "/api/maintenance", Summary: "list the maintenance windows, the latest first", Handler: answering(func(*http.Request) (int, any, error) {
			return http.StatusOK, map[string]any{"maintenance": b.Maintenance()}, nil
		})},
		{Method: http.MethodPost, Path: "/api/maintenance", Summary: "plan a maintenance window, which uptime leaves out", Handler: answering(func(r *http.Request) (int, any, error) {
			return created(r, func(m *maintenanceBody) (any, error) {
				return b.AddMaintenance(Maintenance{Text: m.Text, From: m.From, To: m.To})
			}, changed)
		})},
		{Method: http.MethodDelete, Path: "/api/maintenance/{id}", Summary: "remove a maintenance window", Handler: answering(func(r *http.Request) (int, any, error) {
			return removed(b.RemoveMaintenance(r.PathValue("id")), changed)
		})},
		{Method: http.MethodGet, Path: "/api/announcements", Summary: "list the announcements, the latest first", Handler: answering(func(*http.Request) (int, any, error) {
			return http.StatusOK, map[string]any{"announcements": b.Announcements()}, nil
		})},
		{Method: http.MethodPost, Path: "/api/announcements", Summary: "announce something on the public status page", Handler: answering(func(r *http.Request) (int, any, error) {
			return created(r, func(a *announcementBody) (any, error) {
				return b.AddAnnouncement(Announcement{Text: a.Text, Severity: a.Severity, From: a.From, Until: a.Until})
			}, changed)
		})},
		{Method: http.MethodDelete, Path: "/api/announcements/{id}", Summary: "remove an announcement", Handler: answering(func(r *http.Request) (int, any, error) {
			return removed(b.RemoveAnnouncement(r.PathValue("id")), changed)
		})},
	}
}

// created reads a body and adds what it says.
func created[B any](r *http.Request, put func(*B) (any, error), changed func()) (int, any, error) {
	var body B
	if err := console.Decode(r, &body); err != nil {
		return 0, nil, err
	}
	added, err := put(&body)
	switch {
	case errors.Is(err, ErrFull):
		return 0, nil, console.RefusalError{Status: http.StatusConflict, Message: err.Error()}
	case err != nil:
		return 0, nil, console.Bad(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	changed()
	return http.StatusCreated, added, nil
}

func removed(err error, changed func()) (int, any, error) {
	if err != nil {
		return 0, nil, console.RefusalError{Status: http.StatusNotFound, Message: err.Error()}
	}
	changed()
	return http.StatusOK, map[string]string{"message": "removed"}, nil
}

func answering(handle func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := console.ParametersOf(r).Err(); err != nil {
			refuse(w, err)
			return
		}
		status, body, err := handle(r)
		if err != nil {
			refuse(w, err)
			return
		}
		console.Answer(w, status, body)
	})
}

func refuse(w http.ResponseWriter, err error) {
	var refused console.RefusalError
	if errors.As(err, &refused) {
		console.Refuse(w, refused.Status, refused.Message)
		return
	}
	console.Refuse(w, http.StatusInternalServerError, "something went wrong")
}
