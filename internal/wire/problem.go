package wire

// Problem is the body of every answer that is not a success.
type Problem struct {
	Message string `json:"message"` // all that is wrong with the request, and what would be right
}
