package watch

import (
	_ "embed" // the badge
	"html/template"
	"net/http"

	"github.com/assayhq/assay/internal/console"
)

//go:embed badge.svg
var badgeSVG string

var badgeTemplate = template.Must(template.New("badge").Parse(badgeSVG))

// badge is a label and a value, and how wide they are, px.
type badge struct {
	Label, Value, Colour   string
	LabelWidth, ValueWidth int
}

// Sum is the width of it all.
func (b *badge) Sum() int { return b.LabelWidth + b.ValueWidth }

// LabelMiddle and ValueMiddle are where texts stand.
func (b *badge) LabelMiddle() int { return b.LabelWidth / 2 }

// ValueMiddle is that of the value.
func (b *badge) ValueMiddle() int { return b.LabelWidth + b.ValueWidth/2 }

const verdictBadge = "state"

// badges are what one can show.
func badges() []string { return []string{verdictBadge, "1h", "24h", "7d", "30d", "90d"} }

func aboutBadge() console.About {
	return console.About{
		Parameters: []console.Parameter{{Name: "show", Text: "the verdict where it is not given", Of: badges()}},
		Answers:    []console.Reply{console.AnswersText("image/svg+xml")},
	}
}

var badgeColours = map[State]string{OK: "#1a6b57", Starting: "#55635d", Degraded: "#b3261e", Unknown: "#6b5b95"}

func (w *Watch) serveBadge(rw http.ResponseWriter, r *http.Request) {
	p := console.ParametersOf(r, "show")
	show := p.OneOf("show", badges()...)
	if err := p.Err(); err != nil {
		console.RefuseFor(rw, err)
		return
	}
	b := &badge{Label: "traces", Value: string(w.State()), Colour: badgeColours[w.State()]}
	if show != "" && show != verdictBadge {
		u := w.uptime(w.clock().Wall)[show]
		b.Label, b.Value, b.Colour = "traces ok "+show, "no verdict", badgeColours[Starting]
		if u.judged() > 0 {
			b.Value, b.Colour = percent(u.share(OK)), colourOf(u.share(OK))
		}
	}
	const letter, room = 7, 12
	b.LabelWidth, b.ValueWidth = letter*len(b.Label)+room, letter*len(b.Value)+room
	rw.Header().Set("Content-Type", "image/svg+xml")
	rw.Header().Set("Cache-Control", "no-cache, max-age=0")
	_ = badgeTemplate.Execute(rw, b) // what cannot be written is the client's loss
}

// colourOf is green from three nines on.
func colourOf(share float64) string {
	switch {
	case share >= 0.999:
		return badgeColours[OK]
	case share >= 0.99:
		return "#8a5a00"
	}
	return badgeColours[Degraded]
}
