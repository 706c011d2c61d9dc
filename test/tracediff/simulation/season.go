package simulation

import (
	"math"
	"time"
)

// Season is the rhythm of days and weeks. The zero value has none.
type Season struct {
	Day     float64 // traffic in the busiest hour against that in the quietest; 0: as much
	Latency float64 // by how much calls take longer in the busiest hour than in the quietest: 0.15 is 15 %
	Weekend float64 // traffic of Saturdays and Sundays against that of other days; 0: as much
}

// Rhythm is a season as that of many shops: four times as much traffic in the afternoon as at night, which makes calls slower.
func Rhythm() Season { return Season{Day: 4, Latency: 0.15, Weekend: 0.7} }

// busiest is the hour of the day with most traffic.
const busiest = 15

// height is how far the day has come towards its busiest hour: 0 at the quietest, 1 at the busiest.
func height(at time.Time) float64 {
	hour := float64(at.UTC().Sub(at.UTC().Truncate(24*time.Hour))) / float64(time.Hour)
	return (1 + math.Cos((hour-busiest)/24*2*math.Pi)) / 2
}

// rate is a factor of the traffic at a time; over days its mean is about 1.
func (s Season) rate(at time.Time) float64 {
	if s.Day <= 0 {
		return 1
	}
	f := math.Exp(math.Log(s.Day) * (height(at) - 0.5))
	if d := at.UTC().Weekday(); s.Weekend > 0 && (d == time.Saturday || d == time.Sunday) {
		f *= s.Weekend
	}
	return f
}

// slowness is the logarithm of the factor of own times at a time.
func (s Season) slowness(at time.Time) float64 { return math.Log1p(s.Latency * height(at)) }
