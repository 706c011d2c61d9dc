package alert

import (
	"net/url"
	"strings"
)

// Links leads from an alert to what it is about.
type Links struct {
	Console   string // address under which people reach the console; without it there are no links
	Component string // id of the exporter, since a console may serve several; may be empty
}

// diff is the address of a diff in the API.
func (l Links) diff(id string) string {
	if l.Console == "" {
		return ""
	}
	link := strings.TrimRight(l.Console, "/") + "/api/diffs/" + url.PathEscape(id)
	if l.Component != "" {
		link += "?component=" + url.QueryEscape(l.Component)
	}
	return link
}
