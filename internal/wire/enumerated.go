package wire

// Enumerated is a string of which all values are known. The zero value of one that may be left out is not among them.
type Enumerated interface{ Enum() []string }
