package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// page reads limit and cursor.
func (p parameters) page(standard, most int) store.Page {
	page := store.Page{Limit: p.Number("limit", standard, 1, most)}
	cursor := p.Values.Get("cursor")
	if cursor == "" {
		return page
	}
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	nanos, id, ok := strings.Cut(string(plain), " ")
	n, failed := strconv.ParseInt(nanos, 10, 64)
	if err != nil || !ok || failed != nil {
		p.Wrong(fmt.Sprintf("cursor: must be the one of a Link header, got %q", cursor))
		return page
	}
	page.After = &store.Position{Time: time.Unix(0, n).UTC(), ID: id}
	return page
}

// next is the header that leads to the next page, if this one was full.
func next(r *http.Request, full bool, last store.Position) http.Header {
	if !full {
		return nil
	}
	values := r.URL.Query()
	values.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.Time.UnixNano(), 10)+" "+last.ID)))
	to := url.URL{Path: r.URL.Path, RawQuery: values.Encode()}
	return http.Header{"Link": {"<" + to.String() + `>; rel="next"`}}
}
