// Package backend looks traces up again where they were stored: what an engineer would see who opens them.
//
//	Backend    what every kind offers; Answer, Kind           (backend.go)
//	Jaeger     query API v3, and the JSON API of its UI       (jaeger.go, jaegerjson.go)
//	Tempo      HTTP API, in protobuf                          (tempo.go)
//	finder     tells "there is no such trace" from other 404s (finder.go)
//	bounds     how large an answer may become when decoded    (bounds.go)
//	Lens       what a kind is known to change, on its own     (lens.go)
//
// internal/httpquery makes the requests.
//
// A lookup ends in one of three ways: the trace as it is stored, the word of the backend that there is none, or an error. An
// error says nothing about the trace: whoever asked must call it unknown, not missing.
package backend
