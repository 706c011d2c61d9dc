package topology

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
)

// The file, as it is read. README.md of the receiver documents it.
type (
	file struct {
		Bounds   []duration    `yaml:"histogram_bounds"`
		OnBounds *float64      `yaml:"on_bounds"`
		Services []fileService `yaml:"services"`
		Entries  []fileEntry   `yaml:"entries"`
	}
	fileService struct {
		Name       string          `yaml:"name"`
		Version    string          `yaml:"version"`
		Instances  *int            `yaml:"instances"`
		Attributes attributes      `yaml:"attributes"`
		Operations []fileOperation `yaml:"operations"`
	}
	fileOperation struct {
		Name       string      `yaml:"name"`
		Kind       kind        `yaml:"kind"`
		Latency    fileLatency `yaml:"latency"`
		Errors     *fileErrors `yaml:"errors"`
		Attributes attributes  `yaml:"attributes"`
		Events     []fileEvent `yaml:"events"`
		Caller     fileCaller  `yaml:"caller"`
		Calls      []fileCall  `yaml:"calls"`
	}
	fileLatency struct {
		Median duration  `yaml:"median"`
		Sigma  float64   `yaml:"sigma"`
		Tail   *fileTail `yaml:"tail"`
	}
	fileTail struct {
		Share float64  `yaml:"share"`
		Alpha float64  `yaml:"alpha"`
		Max   duration `yaml:"max"`
	}
	fileErrors struct {
		Share      float64    `yaml:"share"`
		Type       string     `yaml:"type"`
		Message    string     `yaml:"message"`
		Attributes attributes `yaml:"attributes"`
	}
	fileEvent struct {
		Name       string     `yaml:"name"`
		Share      *float64   `yaml:"share"`
		Attributes attributes `yaml:"attributes"`
	}
	fileCaller struct {
		Name       string     `yaml:"name"`
		Attributes attributes `yaml:"attributes"`
	}
	fileCall struct {
		To       string   `yaml:"to"`
		Share    *float64 `yaml:"share"`
		Times    times    `yaml:"times"`
		Parallel bool     `yaml:"parallel"`
		Optional bool     `yaml:"optional"`
	}
	fileEntry struct {
		Operation string `yaml:"operation"`
		Weight    *int   `yaml:"weight"`
		Long      bool   `yaml:"long"`
	}
)

// duration is written as in Go: 1.5ms.
type duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := time.ParseDuration(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil {
		return atLine(node, "must be a duration such as 1.5ms, got %q", node.Value)
	}
	*d = duration(parsed)
	return nil
}

// kind is the kind of a span. Without one, an operation is internal.
type kind ptrace.SpanKind

var kinds = map[string]ptrace.SpanKind{
	"internal": ptrace.SpanKindInternal, "server": ptrace.SpanKindServer, "client": ptrace.SpanKindClient,
	"producer": ptrace.SpanKindProducer, "consumer": ptrace.SpanKindConsumer,
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (k *kind) UnmarshalYAML(node *yaml.Node) error {
	known, ok := kinds[strings.ToLower(node.Value)]
	if !ok {
		return atLine(node, "kind must be internal, server, client, producer or consumer, got %q", node.Value)
	}
	*k = kind(known)
	return nil
}

// times is how often a call is made: 3, or [1, 5].
type times struct {
	set         bool
	least, most int
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *times) UnmarshalYAML(node *yaml.Node) error {
	t.set = true
	if node.Decode(&t.least) == nil {
		t.most = t.least
		return nil
	}
	var both []int
	if err := node.Decode(&both); err != nil || len(both) != 2 {
		return atLine(node, "times must be a number, or the least and the most such as [1, 5]")
	}
	t.least, t.most = both[0], both[1]
	return nil
}

// atLine is an error that the YAML reader collects with the others of the file.
func atLine(node *yaml.Node, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: ", node.Line) + fmt.Sprintf(format, args...)}}
}
