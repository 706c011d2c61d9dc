package topology

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/wire"
)

// Detail is what a drawing shows.
type Detail string

// What a drawing can show.
const (
	Services   Detail = "services"
	Operations Detail = "operations" // grouped by service
)

// WriteDOT writes a topology in the language of Graphviz. Lines are the thicker the more calls they stand for, and red in proportion
// to the share that failed.
func WriteDOT(w io.Writer, g *wire.Topology, detail Detail) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", dotString(g.QueryID))
	fmt.Fprintf(&b, "  label=%s; labelloc=t; rankdir=LR; fontname=\"sans-serif\";\n",
		dotString(g.Start.Format(time.RFC3339)+" to "+g.End.Format(time.RFC3339)))
	b.WriteString("  node [shape=box, style=rounded, fontname=\"sans-serif\"]; edge [fontname=\"sans-serif\", fontsize=10];\n")
	edges := g.Calls
	if detail == Operations {
		edges = g.Edges
		clusters(&b, g)
	} else {
		for i := range g.Services {
			n := &g.Services[i]
			label := n.Service
			if len(n.Versions) > 0 {
				label += "\n" + strings.Join(n.Versions, ", ")
			}
			dotNode(&b, n, "  ", label)
		}
	}
	most := 0.0
	for i := range edges {
		most = max(most, edges[i].SpansPerSecond)
	}
	for i := range edges {
		dotEdge(&b, &edges[i], most)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// clusters writes the operations, which are in the order of their services.
func clusters(b *strings.Builder, g *wire.Topology) {
	for i := range g.Operations {
		n := &g.Operations[i]
		if i == 0 || g.Operations[i-1].Service != n.Service {
			fmt.Fprintf(b, "  subgraph cluster_%d {\n    label=%s;\n", i, dotString(n.Service))
		}
		dotNode(b, n, "    ", n.Operation)
		if i == len(g.Operations)-1 || g.Operations[i+1].Service != n.Service {
			b.WriteString("  }\n")
		}
	}
}

func dotNode(b *strings.Builder, n *wire.Node, indent, label string) {
	bold := ""
	if n.Entry {
		bold = ", penwidth=2"
	}
	fmt.Fprintf(b, "%s%s [label=%s%s];\n", indent, dotID(n.Service, n.Operation), dotString(label+"\n"+caption(&n.Measures)), bold)
}

func dotEdge(b *strings.Builder, e *wire.Edge, most float64) {
	width := 1.0
	if most > 0 {
		width += 4 * math.Sqrt(e.SpansPerSecond/most)
	}
	fmt.Fprintf(b, "  %s -> %s [label=%s, penwidth=%.2f, color=\"#%02x2020\"];\n", dotID(e.FromService, e.FromOperation),
		dotID(e.ToService, e.ToOperation), dotString(caption(&e.Measures)), width, 32+int(math.Round(223*math.Sqrt(min(1, max(0, float64(e.ErrorShare)))))))
}

// caption says the measures with their units.
func caption(m *wire.Measures) string {
	text := strconv.FormatFloat(m.SpansPerSecond, 'g', 3, 64) + "/s, p95 " + shortDuration(m.P95Seconds)
	if m.ErrorShare > 0 {
		text += ", " + strconv.FormatFloat(100*float64(m.ErrorShare), 'g', 2, 64) + " % errors"
	}
	return text
}

// shortDuration writes three significant digits.
func shortDuration(n wire.Number) string {
	if math.IsNaN(float64(n)) {
		return "-"
	}
	for _, unit := range [...]struct {
		seconds wire.Number
		name    string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}} {
		if n >= unit.seconds {
			return strconv.FormatFloat(float64(n/unit.seconds), 'g', 3, 64) + " " + unit.name
		}
	}
	return strconv.FormatFloat(float64(n*1e9), 'g', 3, 64) + " ns"
}

// dotID names a node.
func dotID(service, operation string) string {
	if operation == "" {
		return dotString(service)
	}
	return dotString(service + "\u241f" + operation) // the symbol for a unit separator
}

// dotString quotes. Names come from spans: a quote must not end the string, nor a backslash begin an escape.
func dotString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		default:
			if r >= ' ' && r != 0x7f {
				b.WriteRune(r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
