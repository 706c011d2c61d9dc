package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// estimate is a mean of a window, and how well it is known.
type estimate struct {
	value    float64
	variance float64 // of value, from the differences between clusters
	df       float64 // degrees of freedom of variance
	clusters int
}

// known tells whether there are enough clusters to say how well the value is known.
func (e estimate) known() bool { return e.clusters >= minClusters && e.df >= minFreedom }

// known tells whether there are enough clusters. The part of a window that changed may have fewer: what it is compared with, and how much
// windows differ, are known besides.
func (t *tester) known(e estimate) bool {
	if t.part {
		return e.clusters >= leastSlices && e.df >= leastSlices-1.5
	}
	return e.known()
}

// clustered gathers the clusters of a ratio: sums of two quantities, one pair for each time slice.
type clustered struct {
	n, d []float64
	r    []float64 // residuals
}

func (c *clustered) reset() { c.n, c.d = c.n[:0], c.d[:0] }

func (c *clustered) add(n, d float64) {
	c.n = append(c.n, n)
	c.d = append(c.d, d)
}

// ratio is the sum of n over the sum of d. Its variance is that of the jackknife which leaves one cluster out at a time,
// to first order: the residual of a cluster counts the more the larger the cluster is. The degrees of freedom are those of
// the effective number of clusters, (sum d)² / sum d². See W. G. Cochran, Sampling Techniques (1977), 6.3 and 6.17, and
// L. Kish, Survey Sampling (1965), 11.7.
func (c *clustered) ratio() estimate {
	var n, d, d2 float64
	for i := range c.d {
		n += c.n[i]
		d += c.d[i]
		d2 += c.d[i] * c.d[i]
	}
	if !(d > 0) {
		return estimate{}
	}
	e := estimate{value: n / d, df: d*d/d2 - 1}
	var sum float64
	c.r = c.r[:0]
	for i := range c.d {
		var r float64
		if c.d[i] > 0 {
			e.clusters++
			if left := 1 - c.d[i]/d; left > 0 {
				r = (c.n[i] - e.value*c.d[i]) / left
			}
		}
		c.r = append(c.r, r)
		sum += r * r
	}
	if k := float64(e.clusters); k > 1 {
		e.variance = sum / (d * d) * (k - 1) / k * longRun(c.r)
	}
	return e
}

// mostLongRun bounds longRun: some twenty clusters cannot show more.
const mostLongRun = 4

// longRun is by how much the variance of a sum is larger than it would be if its terms were independent: slow half minutes
// come in a row where work queues up. It is W. K. Newey's and K. D. West's estimator with Bartlett weights over two lags
// (Econometrica 55, 1987), but never below 1.
func longRun(residuals []float64) float64 {
	var gamma [3]float64
	var before [2]float64 // residuals one and two earlier
	for _, r := range residuals {
		gamma[0] += r * r
		gamma[1] += r * before[0]
		gamma[2] += r * before[1]
		before = [2]float64{r, before[0]}
	}
	if !(gamma[0] > 0) {
		return 1
	}
	return min(mostLongRun, max(1, 1+2*(gamma[1]*2/3+gamma[2]/3)/gamma[0]))
}

// logDurations are the clusters whose ratio is the mean of the logarithm of the duration.
func (c *clustered) logDurations(g *snapshot.Group) {
	c.reset()
	for i := range g.Slices {
		c.add(g.Slices[i].LogDuration, g.Slices[i].Weight)
	}
}

// logWaits are the clusters whose ratio is the mean of the logarithm of the waiting time.
func (c *clustered) logWaits(g *snapshot.Group) {
	c.reset()
	for i := range g.Slices {
		c.add(g.Slices[i].LogWait, g.Slices[i].WaitWeight)
	}
}

// errorTraces are the clusters whose ratio is the share of the traces with the group that have an error in it.
func (c *clustered) errorTraces(g *snapshot.Group) {
	c.reset()
	for i := range g.Slices {
		c.add(g.Slices[i].ErrorTrace, g.Slices[i].TraceWeight)
	}
}

// calls are the clusters whose ratio is the number of spans of the group for each trace of the query, or of an edge for each span of
// its caller. Time slices without the group count, as long as there was something that could have had it.
func (c *clustered) calls(g *snapshot.Group, from exposing) {
	c.reset()
	at := 0
	for i := range from.group.Slices {
		t := &from.group.Slices[i]
		for at < len(g.Slices) && g.Slices[at].Index < t.Index {
			at++
		}
		var weight float64
		if at < len(g.Slices) && g.Slices[at].Index == t.Index {
			weight = g.Slices[at].Weight
		}
		c.add(weight, from.weight(t))
	}
}
