package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parameters reads the query string of a request, and collects what is wrong with it.
type Parameters struct {
	Values url.Values
	wrong  []string
}

// ParametersOf refuses what is not one of known; component is the console's.
func ParametersOf(r *http.Request, known ...string) *Parameters {
	p := &Parameters{Values: r.URL.Query()}
	for name, values := range p.Values {
		switch {
		case name != "component" && !slices.Contains(known, name):
			p.wrong = append(p.wrong, fmt.Sprintf("%s: is no parameter of this route; there are %s", name, strings.Join(append(known, "component"), ", ")))
		case len(values) > 1:
			p.wrong = append(p.wrong, name+": is given more than once")
		}
	}
	slices.Sort(p.wrong)
	return p
}

// Text is a parameter as it stands, empty where it is not given.
func (p *Parameters) Text(name string) string { return p.Values.Get(name) }

// OneOf is a parameter that is one of those allowed, or empty.
func (p *Parameters) OneOf(name string, allowed ...string) string {
	v := p.Values.Get(name)
	if v != "" && !slices.Contains(allowed, v) {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be one of %s, got %q", name, strings.Join(allowed, ", "), v))
	}
	return v
}

// Number is a whole number from least to most, and the standard where none is given.
func (p *Parameters) Number(name string, standard, least, most int) int {
	text := p.Values.Get(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be a number between %d and %d, got %q", name, least, most, text))
		return standard
	}
	return n
}

// Time is a moment as RFC 3339 writes it, and the standard where none is given.
func (p *Parameters) Time(name string, standard time.Time) time.Time {
	text := p.Values.Get(name)
	if text == "" {
		return standard
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: must be a time such as 2026-03-01T12:00:00Z, got %q", name, text))
		return standard
	}
	return at
}

// Wrong notes what is wrong.
func (p *Parameters) Wrong(message string) { p.wrong = append(p.wrong, message) }

// Err says all that is wrong with the parameters, as a RefusalError.
func (p *Parameters) Err() error {
	if len(p.wrong) == 0 {
		return nil
	}
	return Bad(strings.Join(p.wrong, "; "))
}
