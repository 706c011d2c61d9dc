// Package extensions finds the extension that a component works with.
package extensions

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
)

// Find returns the extension that offers T: the one named, or the only one there is. It is the zero T, without an error, when none is
// named and there is none. Errors begin with key, the key of the configuration that names the extension; wrong completes the sentence
// about one that does not offer T.
func Find[T any](all map[component.ID]component.Component, name *component.ID, key, wrong string) (found T, err error) {
	if name != nil {
		extension, ok := all[*name]
		if !ok {
			return found, fmt.Errorf("%s: there is no extension %q; add it to service::extensions", key, name)
		}
		if found, ok = extension.(T); !ok {
			return found, fmt.Errorf("%s: %q %s", key, name, wrong)
		}
		return found, nil
	}
	var names []string
	for id, extension := range all {
		if offers, ok := extension.(T); ok {
			found, names = offers, append(names, id.String())
		}
	}
	if len(names) > 1 {
		slices.Sort(names)
		var none T
		return none, fmt.Errorf("%s: there are several, %s; name the one to use", key, strings.Join(names, " and "))
	}
	return found, nil
}
