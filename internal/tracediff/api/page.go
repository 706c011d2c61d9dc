package api

import (
	"encoding/base64"
	"fmt"
	"math"
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

// next is the header that leads to the next page, which begins after the last of this one, if there is more.
func next(r *http.Request, more bool, of func() store.Position) http.Header {
	if !more {
		return nil
	}
	last := of()
	return link(r, "cursor", base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.Time.UnixNano(), 10)+" "+last.ID)))
}

// link is the header that leads to the same with another value of a parameter.
func link(r *http.Request, parameter, value string) http.Header {
	values := r.URL.Query()
	values.Set(parameter, value)
	to := url.URL{Path: r.URL.Path, RawQuery: values.Encode()}
	return http.Header{"Link": {"<" + to.String() + `>; rel="next"`}}
}

// rest answers with a list from the offset of a request on, as much of it as an answer has room for. There is a link to what is left.
func rest[T any](r *http.Request, list []T, offset int) reply {
	list = list[min(offset, len(list)):]
	page := fitting(list)
	if len(page) == len(list) {
		return reply{body: page}
	}
	return reply{body: page, header: link(r, "offset", strconv.Itoa(offset+len(page)))}
}

// offset reads that parameter.
func (p parameters) offset() int { return p.Number("offset", 0, 0, math.MaxInt32) }
