package notices

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// Board has the notices of one service. Its zero value is not ready; see New.
type Board struct {
	now func() time.Time

	mu            sync.Mutex // guards everything below
	maintenance   []wire.Maintenance
	announcements []wire.Announcement
}

const (
	mostNotices  = 500       // of each kind
	mostBytes    = 384 << 10 // of each kind, as JSON: the status page shows both kinds in one answer
	longestText  = 2000
	rememberedBy = 100 * 24 * time.Hour // after its end a notice is forgotten
	idDigits     = 12
)

// Errors of one notice too many.
var (
	ErrFull  = fmt.Errorf("there are %d already; remove some", mostNotices)
	ErrLarge = fmt.Errorf("the texts of all together would have more than %d KiB; remove some", mostBytes>>10)
)

// ErrNotFound is the error of an id that no notice has.
var ErrNotFound = errors.New("there is nothing under this id")

// New makes an empty board with a clock.
func New(now func() time.Time) *Board { return &Board{now: now} }

// stored is a board on disk.
type stored struct {
	Maintenance   []wire.Maintenance  `json:"maintenance"`
	Announcements []wire.Announcement `json:"announcements"`
}

// MarshalJSON implements json.Marshaler.
func (b *Board) MarshalJSON() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return json.Marshal(stored{b.maintenance, b.announcements})
}

// UnmarshalJSON implements json.Unmarshaler: what was kept takes the place of what is there.
func (b *Board) UnmarshalJSON(text []byte) error {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.maintenance, b.announcements = s.Maintenance, s.Announcements
	return nil
}

// add puts a notice among the others, the latest begin first, and forgets those that ended long ago.
func add[N any](list *[]N, one N, from, end func(*N) time.Time, now time.Time) error {
	*list = slices.DeleteFunc(*list, func(n N) bool { return end(&n).Before(now.Add(-rememberedBy)) })
	if len(*list) >= mostNotices {
		return ErrFull
	}
	at, _ := slices.BinarySearchFunc(*list, one, func(a, b N) int { return from(&b).Compare(from(&a)) })
	next := slices.Insert(slices.Clone(*list), at, one)
	if len(console.Fit(next, mostBytes)) < len(next) {
		return ErrLarge
	}
	*list = next
	return nil
}

func remove[N any](list *[]N, is func(*N) bool) error {
	for i := range *list {
		if is(&(*list)[i]) {
			*list = slices.Delete(*list, i, i+1)
			return nil
		}
	}
	return ErrNotFound
}

func newID() string { return strings.ToLower(rand.Text()[:idDigits]) }

// checkText says what is wrong with the text of a notice.
func checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("text: must say something, and is empty")
	case !utf8.ValidString(text):
		return errors.New("text: must be UTF-8")
	case utf8.RuneCountInString(text) > longestText:
		return fmt.Errorf("text: must have at most %d characters, has %d", longestText, utf8.RuneCountInString(text))
	}
	return nil
}

// far is the end of what lasts until further notice.
var far = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
