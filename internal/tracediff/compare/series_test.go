package compare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// written makes a window of a letter:
//
//	.  as usual      +  cart is slower     *  much slower            -  cart is faster
//	f  so, but few   _  nobody calls cart  ?  hardly any requests    0  none at all
//	p  as usual, but not the whole window
func written(letter rune, n int) *snapshot.Snapshot {
	s := asUsual
	switch letter {
	case '+':
		s.own *= 3
	case '*':
		s.own *= 9
	case '-':
		s.own /= 3
	case '_':
		s.calls = 0
	case 'p':
		w := s.window(n)
		w.State = snapshot.Partial
		return w
	case '?':
		s.requests = 3
	case 'f':
		s.requests, s.noise = 15, 0.6
	case '0':
		s.requests = 0
	}
	return s.window(n)
}

// A scenario says of each window what it is like, and expects how the change of cart's latency stands (see letter) and in which windows a
// baseline is frozen for the next one.
func TestSeries(t *testing.T) {
	for _, tt := range []struct {
		name      string
		persist   int
		hold      int
		windows   string
		standings string
		frozen    string
	}{
		{"a blip is refuted", 2, 20, "....+...", "....s...", "    f   "},
		{"a step is confirmed, lasts, and the baseline moves on", 2, 20, "....++++++", "....sCllll", "    f     "},
		{"one window is enough where persist is 1", 1, 20, "....++++", "....Clll", "        "},
		{"three are wanted where persist is 3", 3, 20, "....+++++", "....ssCll", "    ff   "},
		{"three in a row, that is", 3, 20, "....++.+++++", "....ss.ssCll", "    ff ff   "},
		{"two blips are two", 3, 20, "....++.++..", "....ss.ss..", "    ff ff  "},
		{"a step that ends is cleared because it is gone", 2, 20, "....++++.....", "....sClllg...", "    f        "},
		{"its end is no change by itself", 1, 20, "....++++......", "....Clllg.....", "              "},
		{"one window as before does not end it", 2, 20, "....++++.+++", "....sCllllll", "    f       "},
		{"what lasts until the hold is over is the new normal", 2, 4, "....+++++++++", "....sClllr...", "    f        "},
		{"its end is a change then", 2, 4, "....+++++++......", "....sClllr.sClllr", "    f      f     "},
		{"the opposite change comes after the end of the first", 2, 20, "....++++----....", "....sClllgCllg..", "    f           "},
		{"less than before, but not as usual, is no opposite", 2, 20, "....++++-......", "....sClllg.....", "    f          "},
		{"not enough data does not refute", 2, 20, "....+?++", "....ssCl", "    ff  "},
		{"few requests that are as before do", 2, 20, "....+f+++", "....s.sCl", "    f f  "},
		{"but a suspicion does not outlive it for long", 2, 20, "....+????..", "....sss....", "    fff    "},
		{"not enough data does not end what lasts", 2, 90, "....++??????????????????????????????????????????????????++....", "....sClllllllllllllllllllllllllllllllllllllllllllllllllllllg..", "    f                                                         "},
		{"nor do windows without any traffic", 2, 90, "....++0000000000++....", "....sClllllllllllllg..", "    f                 "},
		{"a partial window with none before it is no baseline for long", 2, 20, "p++**", ".s.sC", "   f "},
		{"one with others before it is", 2, 20, "....p++", ".....sC", "     f "},
		{"an outage does not end it", 2, 20, "....++++___+++....", "....sClllllllllg..", "    f   f  f      "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, compare.Rules{Persist: tt.persist, Level: 1e-4, Hold: tt.hold}, back(1))
			var standings, frozen strings.Builder
			for n, w := range tt.windows {
				standings.WriteString(letter(s.next(written(w, n)), cartAdd, compare.Latency))
				if s.series.Tracker.Frozen() == "" {
					frozen.WriteByte(' ')
				} else {
					frozen.WriteByte('f')
				}
			}
			assert.Equal(t, tt.standings, standings.String(), "standings")
			assert.Equal(t, tt.frozen, frozen.String(), "windows after which the baseline stays")
		})
	}
}
