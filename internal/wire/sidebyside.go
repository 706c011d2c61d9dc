package wire

// SideBySide is what tells the traces of B from those of A.
type SideBySide struct {
	SelectedA       string     `json:"selected_a"`           // query; empty: all traces that B's does not select
	SelectedB       string     `json:"selected_b"`           // query
	QueryIDA        string     `json:"query_id_a,omitempty"` // of stored windows
	TracesOfBoth    *uint64    `json:"traces_of_both"`       // that both select; they are on side B. null: they are on both sides, and not counted
	EnoughData      bool       `json:"enough_data"`
	FDR             float64    `json:"fdr"`
	Tests           int        `json:"tests"`
	Attributes      int        `json:"attributes"`     // of which values were compared
	Telling         []Property `json:"telling"`        // what separates best comes first
	TellingTotal    int        `json:"telling_total"`  // without those of the same traces
	Selected        []Property `json:"selected"`       // what the traces were selected by: it differs in any case
	Rest            []Property `json:"rest,omitempty"` // compared and not flagged, where all was asked for
	LeftOutMeasures []Measure  `json:"left_out_measures"`
	Captured        *Captured  `json:"captured,omitempty"` // where that was found out from the traces
}

// Captured says how attributes were captured, where not by their values.
type Captured struct {
	Ranges      []string `json:"ranges"`        // numbers, in powers of two; common ones as they are
	Presence    []string `json:"presence"`      // only whether a trace has one, and which of the common ones
	LeftOut     []string `json:"left_out"`      // there was no place for them
	MoreLeftOut bool     `json:"more_left_out"` // and for others, which were not even looked at
}

// Property is something that traces have or have not.
type Property struct {
	Identity
	Error      bool           `json:"error,omitempty"` // not that a trace has it, but that it has an error there; of kind total: at its root
	TracesA    uint64         `json:"traces_a"`
	TracesB    uint64         `json:"traces_b"`
	ShareA     Number         `json:"share_a"` // of the traces of the side, adjusted
	ShareB     Number         `json:"share_b"`
	Difference Number         `json:"difference"` // B - A
	Low        Number         `json:"low"`        // of the 95 % confidence interval of the difference
	High       Number         `json:"high"`
	P          Number         `json:"p"`
	Q          Number         `json:"q"`
	SameTraces []SameProperty `json:"same_traces"` // what else, as far as counts show, the same traces have
	Exemplars  []string       `json:"exemplars"`   // trace ids
}

// SameProperty is a property that the same traces have as another one.
type SameProperty struct {
	Identity
	Error bool `json:"error,omitempty"` // not that a trace has it, but that it has an error there
}
