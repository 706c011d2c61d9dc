package snapshot

// Definition says which traces a query selects. Windows of two definitions are not compared: they are of other traces. One without
// text is not known: it is that of windows of older versions, and of recordings.
type Definition struct {
	Text  string // of the query
	Scope string // which of the spans of a trace count: "trace" or "span"
}

// Same tells whether windows of two definitions can be compared. What is not known is taken for the same.
func (d Definition) Same(o Definition) bool {
	return d == o || d.Text == "" || o.Text == ""
}

// String is the text, and the scope where that is not the usual one.
func (d Definition) String() string {
	if d.Scope == "span" {
		return d.Text + " (spans only)"
	}
	return d.Text
}
