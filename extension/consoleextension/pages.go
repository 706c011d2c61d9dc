package consoleextension

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// pages are the built files of the web UI, in memory, compressed once.
type pages struct{ files map[string]*file }

// file is one of them.
type file struct {
	kind         string // Content-Type
	plain, small []byte // small is gzip's
	tag          string // ETag: a hash of the content
}

// policy allows scripts, styles, pictures and data of the console's own origin, and nothing else: what a hostile span name might smuggle
// into a page would not run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Files that are served at the address of the console itself, not at their own.
const (
	indexFile  = "index.html"
	publicFile = "public.html"
)

// newPages reads what `make ui` has built; where it has built nothing there are no files.
func newPages(built fs.FS) (*pages, error) {
	p := &pages{files: map[string]*file{}}
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		content, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		p.files[name], err = newFile(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the console's pages cannot be read: %w", err)
	}
	return p, nil
}

func newFile(name string, content []byte) (*file, error) {
	hash := sha256.Sum256(content)
	f := &file{kind: mime.TypeByExtension(path.Ext(name)), plain: content, tag: `"` + base64.RawURLEncoding.EncodeToString(hash[:12]) + `"`}
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	f.small = small.Bytes()
	return f, nil
}

// add serves the files, but for the pages themselves.
func (p *pages) add(mux *http.ServeMux) {
	for name, f := range p.files {
		if name != indexFile && name != publicFile {
			// The name of an asset has a hash of its content, so that another content has another name.
			keep := "no-cache"
			if strings.HasPrefix(name, "assets/") {
				keep = "private, max-age=31536000, immutable"
			}
			mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, keep) })
		}
	}
}

// serveIndex answers a browser with the page, everybody else with the list of routes.
func (p *pages) serveIndex(w http.ResponseWriter, r *http.Request, list http.HandlerFunc) {
	w.Header().Add("Vary", "Accept")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		list(w, r)
		return
	}
	p.servePage(w, r, indexFile)
}

// servePublic answers everybody with the status page.
func (p *pages) servePublic(w http.ResponseWriter, r *http.Request) { p.servePage(w, r, publicFile) }

func (p *pages) servePage(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	if page := p.files[name]; page != nil {
		page.serve(w, r, "no-cache")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(unbuilt))
}

// unbuilt is the page of a binary that was built without the pages.
const unbuilt = `<!doctype html><html lang="en"><title>Assay</title>
<h1>This binary was built without the console's pages</h1>
<p>Build it with <code>make build</code>, which needs Node, or take a release. The APIs work all the same:
<a href="api/console">what there is</a>, <a href="status">the verdict of the sentinel</a>.</p></html>
`

func (f *file) serve(w http.ResponseWriter, r *http.Request, keep string) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", keep)
	h.Set("ETag", f.tag)
	h.Add("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if len(f.small) < len(f.plain) && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.small
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
