// Package ui is the console's web pages: TypeScript below src, built by npm into dist, and embedded here.
package ui

import (
	"embed"
	"io/fs"
)

// dist is empty but for a placeholder where the pages have not been built: `go build` needs no Node.
//
//go:embed all:dist
var dist embed.FS

// Files are the built pages, index.html at the top; there is none where they were not built.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is valid
	}
	return files
}
