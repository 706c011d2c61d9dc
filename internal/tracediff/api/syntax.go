package api

import (
	"net/http"

	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/wire"
)

// checkSyntax says whether a text is a query, for an editor that asks while one types.
func (h *handlers) checkSyntax(r *http.Request) (reply, error) {
	p := parametersOf(r, "text")
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	answer := wire.Syntax{Valid: true}
	if err := tracediff.CheckText(p.Text("text")); err != nil {
		answer = wire.Syntax{Message: err.Error()}
	}
	return reply{body: answer}, nil
}
