package wire

// Syntax is whether a text is a query.
type Syntax struct {
	Valid   bool   `json:"valid"`
	Message string `json:"message,omitempty"` // what is wrong with it, and where
}
