package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/assayhq/assay/internal/wire"
)

// MostBytes bounds an answer. Routes whose answers grow with what there is cut them before (see Fit).
const MostBytes = 1 << 20

// Answer writes v as JSON. What cannot be written is the client's loss: the status is out already.
func Answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	switch {
	case err != nil:
		status, body = http.StatusInternalServerError, []byte(`{"message":"the answer cannot be written as JSON"}`)
	case len(body) >= MostBytes:
		status, body = http.StatusInternalServerError, []byte(`{"message":"the answer would have more than 1 MiB; ask for less"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// longestMessage bounds what is said of a request that is wrong, in bytes: it repeats parts of the request, which may be long.
const longestMessage = 4 << 10

// Refuse answers with a wire.Problem.
func Refuse(w http.ResponseWriter, status int, message string) {
	if len(message) > longestMessage {
		message = strings.ToValidUTF8(message[:longestMessage], "") + "..."
	}
	Answer(w, status, wire.Problem{Message: message})
}

// RefusalError is an error that a request is answered with.
type RefusalError struct {
	Status  int
	Message string
}

func (r RefusalError) Error() string { return r.Message }

// Bad is the RefusalError of a request that is not well formed.
func Bad(message string) error { return RefusalError{http.StatusBadRequest, message} }

// RefuseFor answers with what an error says, if it is a RefusalError; of others only that there was one.
func RefuseFor(w http.ResponseWriter, err error) {
	var refused RefusalError
	if errors.As(err, &refused) {
		Refuse(w, refused.Status, refused.Message)
		return
	}
	Refuse(w, http.StatusInternalServerError, "something went wrong")
}
