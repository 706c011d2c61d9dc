// Command generate writes internal/openapi/openapi.json: the OpenAPI document of all routes of the console. It is run by `make generate`, in the
// repository's root.
//
//	routes.go    which routes there are
//	document.go  paths, parameters and answers, of what routes say about themselves
//	schemas.go   schemas, of the types that go over the wire; descriptions are their comments
package main

import (
	"fmt"
	"os"
)

const file = "internal/openapi/openapi.json"

func main() {
	text, err := generate(".")
	if err == nil {
		err = os.WriteFile(file, text, 0o644) //nolint:gosec // everybody may read it
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
