// Package configerrors collects what is wrong with a configuration, so that a user is told all of it at once.
package configerrors

import (
	"errors"
	"fmt"
	"time"
)

// List is every complaint about a configuration, each with the path of the key below the component: "budget::percentage: must be ...".
type List []error

// Add adds a complaint, written as for fmt.Errorf.
func (l *List) Add(format string, args ...any) { *l = append(*l, fmt.Errorf(format, args...)) }

// Below adds err, and each of those that were joined in it by itself, under a path. nil is nothing.
func (l *List) Below(path string, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, one := range joined.Unwrap() {
			l.Add("%s::%w", path, one)
		}
	} else if err != nil {
		l.Add("%s::%w", path, err)
	}
}

// Between complains of a duration outside of what makes sense, with both ends within it.
func (l *List) Between(path string, d, least, most time.Duration) {
	if d < least || d > most {
		l.Add("%s: must be between %v and %v, got %v", path, least, most, d)
	}
}

// Err is all complaints joined; nil where there are none.
func (l List) Err() error { return errors.Join(l...) }
