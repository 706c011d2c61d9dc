package console

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFit(t *testing.T) {
	list := []string{"aaaa", "<<<<", "cccc"} // 6, 26 and 6 bytes, and a comma each
	for most, n := range map[int]int{0: 0, 6: 0, 7: 1, 33: 1, 34: 2, 40: 2, 41: 3, math.MaxInt: 3} {
		assert.Len(t, Fit(list, most), n, most)
	}
	assert.Len(t, Fit([]float64{1, math.NaN(), 2}, 100), 1, "up to what JSON has no form for")
	assert.Empty(t, Fit([]int(nil), 10))
}

// No answer is larger than it may be, whatever a route has overlooked.
func TestLargeAnswers(t *testing.T) {
	w := httptest.NewRecorder()
	Answer(w, http.StatusOK, strings.Repeat("x", MostBytes-3))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, MostBytes, w.Body.Len())
	w = httptest.NewRecorder()
	Answer(w, http.StatusOK, strings.Repeat("x", MostBytes-2))
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.JSONEq(t, `{"message":"the answer would have more than 1 MiB; ask for less"}`, w.Body.String())
}

// A refusal repeats what was asked, but not all of it.
func TestLongMessages(t *testing.T) {
	w := httptest.NewRecorder()
	Refuse(w, http.StatusBadRequest, "x: got "+strings.Repeat("ä", 1<<20))
	assert.Less(t, w.Body.Len(), 5<<10)
	var problem struct{ Message string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
	assert.True(t, utf8.ValidString(problem.Message) && !strings.ContainsRune(problem.Message, utf8.RuneError))
	assert.True(t, strings.HasSuffix(problem.Message, "ä..."), problem.Message[len(problem.Message)-10:])
}
