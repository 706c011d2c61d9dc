package api

import (
	_ "embed"
	"encoding/json"
	"net/http"
)

//go:embed openapi.json
var document []byte

func (h *handlers) getDocument(*http.Request) (reply, error) {
	return reply{body: json.RawMessage(document), header: http.Header{"Cache-Control": {"max-age=3600"}}}, nil
}
