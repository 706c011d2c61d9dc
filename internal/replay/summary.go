package replay

import (
	"sync"
	"time"
)

// maxMessages is how many different error messages a summary holds; further ones are only counted.
const maxMessages = 5

// Summary is what a replay did. Every span read is accepted, refused or unsent.
type Summary struct {
	Endpoint string `json:"endpoint"`
	Protocol string `json:"protocol"`
	Files    int    `json:"files"`
	Passes   int    `json:"passes"` // begun

	Batches int64 `json:"batches"` // requests, retries not counted
	Retries int64 `json:"retries"` // attempts after the first, over all batches
	Bytes   int64 `json:"bytes"`   // of the batches before compression

	Spans    int64 `json:"spans"`
	Accepted int64 `json:"accepted_spans"`
	Refused  int64 `json:"refused_spans"` // by the receiver, also within a partial success, or given up after retries
	Unsent   int64 `json:"unsent_spans"`  // read, but the replay ended before an answer came

	BrokenRecords int64 `json:"broken_records"` // lines or messages that could not be read
	BrokenFiles   int64 `json:"broken_files"`   // files whose rest could not be read

	Seconds        float64 `json:"seconds"`
	SpansPerSecond float64 `json:"spans_per_second"` // accepted
	BehindSeconds  float64 `json:"behind_seconds"`   // most that a batch was sent later than its time

	Seed        uint64    `json:"seed,omitempty"` // of new trace ids
	Interrupted bool      `json:"interrupted"`
	Errors      []Message `json:"errors,omitempty"` // the first few different ones
	Warnings    []Message `json:"warnings,omitempty"`
}

// Message is a text and how often it came.
type Message struct {
	Text  string `json:"text"`
	Count int64  `json:"count"`
}

// Status is a replay under way.
type Status struct {
	Done     float64 // share of the work, 0 to 1; negative if not known
	Accepted int64
	Refused  int64
	Retries  int64
	Broken   int64
	Elapsed  time.Duration
	Wait     time.Duration // until the next batch is due
	Final    bool
}

// tally gathers the summary while workers are at it.
type tally struct {
	mu  sync.Mutex
	sum Summary // guarded by mu
}

func (t *tally) update(f func(*Summary)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.sum)
}

func (t *tally) get() Summary {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}

// addMessage counts text. Beyond maxMessages different ones are passed over: their spans are counted elsewhere.
func addMessage(list []Message, text string) []Message {
	for i := range list {
		if list[i].Text == text {
			list[i].Count++
			return list
		}
	}
	if len(list) < maxMessages {
		list = append(list, Message{Text: text, Count: 1})
	}
	return list
}

// Complete tells that there were spans, that the files were read whole and that every span was accepted.
func (s Summary) Complete() bool {
	return s.Spans > 0 && s.Accepted == s.Spans && s.BrokenRecords == 0 && s.BrokenFiles == 0
}
