package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// Routes are all there are.
func Routes(s Service) []console.Route {
	h := &handlers{service: s, turn: make(chan struct{}, 1)}
	route := func(method, path, summary string, handle func(*http.Request) (reply, error), about console.About) console.Route {
		return console.Route{Method: method, Path: path, Summary: summary, Handler: answering(handle), About: about}
	}
	return []console.Route{
		route(http.MethodGet, "/api/queries", "list the queries, oldest first", h.listQueries, answers([]TutorialQuery{}, offset)),
		route(http.MethodPost, "/api/queries", "add a query; it is evaluated at once", h.createQuery, creates(TutorialNewQuery{}, TutorialQuery{})),
		route(http.MethodGet, "/api/queries/{id}", "a query", h.getQuery, answers(TutorialQuery{})),
		route(http.MethodPut, "/api/queries/{id}", "replace a query of the API; a change of what is aggregated begins its history anew",
			h.updateQuery, changes(TutorialChangedQuery{}, TutorialQuery{})),
		route(http.MethodDelete, "/api/queries/{id}", "end a query of the API, and its alerts", h.deleteQuery, answers(TutorialDeletedQuery{})),

		route(http.MethodGet, "/api/query-syntax", "whether a text is a query, and what is wrong with it", h.checkSyntax,
			answers(wire.Syntax{}, console.Parameter{Name: "text", Text: "of the query"})),

		route(http.MethodGet, "/api/snapshots", "list the snapshots, newest first, without their groups", h.inTurn(h.listSnapshots),
			answers([]TutorialSnapshot{}, paged(
				console.Parameter{Name: "query", Text: "id of the query"},
				console.Parameter{Name: "state", Of: wire.SnapshotState("").Enum()}, from, to)...)),
		route(http.MethodPost, "/api/snapshots", "take a snapshot of what the present window of a query holds",
			h.takeSnapshot, creates(wire.NewSnapshot{}, TutorialSnapshot{})),
		route(http.MethodGet, "/api/snapshots/{id}", "a snapshot with its busiest groups", h.inTurn(h.getSnapshot),
			answers(TutorialSnapshot{}, console.Parameter{Name: "groups", Text: "how many of them", Kind: console.Whole})),
		route(http.MethodDelete, "/api/snapshots/{id}", "remove a snapshot", h.deleteSnapshot, answers(TutorialDeletedSnapshot{})),

		route(http.MethodGet, "/api/diffs", "list the diffs, newest first, with few changes each", h.inTurn(h.listDiffs), answers([]TutorialDiff{}, paged(
			console.Parameter{Name: "query", Text: "id of the query"},
			console.Parameter{Name: "baseline", Text: "in its short form, such as previous, 24h, version:previous or pin:ID; empty: on demand"},
			console.Parameter{Name: "flagged", Text: "whether a change is flagged", Of: []string{"true", "false"}}, from, to)...)),
		route(http.MethodPost, "/api/diffs", "compare two snapshots of a query, a the older; or two queries within a window, side by side",
			h.createDiff, creates(wire.NewDiff{}, TutorialDiff{})),
		route(http.MethodGet, "/api/diffs/{id}", "a diff; as Markdown with .md behind the id", h.inTurn(h.getDiff),
			also(answers(TutorialDiff{}, console.Parameter{Name: "changes", Text: "how many are listed", Kind: console.Whole}), "text/markdown")),
		route(http.MethodDelete, "/api/diffs/{id}", "remove a diff", h.deleteDiff, answers(TutorialDeletedDiff{})),

		route(http.MethodGet, "/api/causes", "what happened from one time to another, each cause once whatever the baseline", h.shared(h.listCauses),
			answers(wire.Causes{}, console.Parameter{Name: "query", Text: "id of the query"}, from, to,
				console.Parameter{Name: "current", Text: "only those that the latest windows name; goes without from and to", Of: []string{"true", "false"}})),
		route(http.MethodGet, "/api/topology", "the system as a window saw it, as JSON or DOT", h.shared(h.getTopology), also(answers(wire.Topology{}, ofQuery,
			console.Parameter{Name: "at", Text: "the last window that began then or before", Kind: console.Moment},
			console.Parameter{Name: "format", Of: []string{"json", "dot"}},
			console.Parameter{Name: "detail", Text: "of a drawing", Of: []string{"services", "operations"}}), "text/vnd.graphviz")),
		route(http.MethodGet, "/api/evolution", "what appeared and disappeared over many windows", h.shared(h.getEvolution), answers(wire.Evolution{}, ofQuery, from, to,
			console.Parameter{Name: "windows", Text: "how many, the latest ones", Kind: console.Whole})),
		route(http.MethodGet, "/api/deployments", "versions of services as they took up traffic, the latest", h.shared(h.getDeployments),
			answers([]wire.Deployment{}, ofQuery, from, to)),

		route(http.MethodGet, "/api/alerts", "list the alerts that fire or wait for delivery", h.listAlerts,
			answers([]wire.Alert{}, console.Parameter{Name: "query", Text: "id of the query"}, offset)),
	}
}
