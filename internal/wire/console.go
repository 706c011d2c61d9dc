package wire

// Console is what a console serves, and what its pages need to know beside it.
type Console struct {
	Name     string  `json:"name"`
	Version  string  `json:"version"`   // of the collector
	TraceURL string  `json:"trace_url"` // where traces open, with {trace_id} in the place of the id; empty: nowhere
	Routes   []Route `json:"routes"`
}

// Route is one operation, and the components that answer it.
type Route struct {
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Summary    string   `json:"summary"`
	Components []string `json:"components"`
}
