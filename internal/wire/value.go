package wire

// ValueDiff is a value of a key that was compared, in whole windows.
type ValueDiff struct {
	Service  string             `json:"service,omitempty"` // of an operation
	A        ValueSide          `json:"a"`
	B        ValueSide          `json:"b"`
	Verdicts map[string]Verdict `json:"verdicts"` // by measure; those that are flagged
}

// ValueSide is what a value was like on one side.
type ValueSide struct {
	Spans       uint64 `json:"spans"`
	MeanSeconds Number `json:"mean_seconds"`
	ErrorShare  Number `json:"error_share"`
}
