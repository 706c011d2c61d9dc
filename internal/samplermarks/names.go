// Package samplermarks names the attributes that smart_tail_sampling writes on what it has sampled, for whoever writes or reads them.
package samplermarks

// Names of attributes of kept spans.
const (
	Reason      = "assay.sampling.reason"
	Path        = "assay.sampling.path"
	Probability = "assay.sampling.probability"
)

// Rule is the attribute of metrics that names the rule a trace matched.
const Rule = "assay.sampling.rule"

// OfSpans lists those of kept spans.
func OfSpans() []string { return []string{Reason, Path, Probability} }
