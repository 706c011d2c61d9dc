package alertcycle

import (
	"errors"
	"fmt"
	"time"
)

// Intervals are what the monitoring system between a burst and its alert declares.
type Intervals struct {
	Scrape        time.Duration // Prometheus: scrape_interval of the collector
	Evaluation    time.Duration // Prometheus: evaluation_interval, or the interval of the rule's group
	Range         time.Duration // the range in the rule's expression
	For           time.Duration // the rule's for
	GroupWait     time.Duration // Alertmanager: group_wait of the route
	GroupInterval time.Duration // Alertmanager: group_interval of the route
	Slack         time.Duration // for the network and busy machines
}

// Deadlines say how soon a transition can be expected at the latest.
type Deadlines struct {
	Fire   time.Duration // from the start of the burst until the rule fires
	Notify time.Duration // until the notification has come
	Clear  time.Duration // from the end of the burst until the notification that it is over has come
}

// Deadlines adds the intervals up. A rate needs two scrapes; its range must have left the burst behind before it is zero
// again; and Alertmanager tells of a change within the group's interval.
func (i Intervals) Deadlines() Deadlines {
	fire := 2*i.Scrape + i.For + 2*i.Evaluation + i.Slack
	return Deadlines{
		Fire:   fire,
		Notify: fire + max(i.GroupWait, i.GroupInterval),
		Clear:  i.Range + i.Scrape + 2*i.Evaluation + i.GroupInterval + i.Slack,
	}
}

// Check tells whether bursts of a length, begun so far apart, leave each transition its time. Errors name the keys of the
// burst's configuration.
func (i Intervals) Check(every, length time.Duration) error {
	d := i.Deadlines()
	var errs []error
	if length <= d.Notify {
		errs = append(errs, fmt.Errorf("for: must be longer than %v, which scrape, rule and group intervals take to tell of an alert; got %v",
			d.Notify, length))
	}
	if pause := every - length; pause <= d.Clear {
		errs = append(errs, fmt.Errorf("every: must leave more than %v between two bursts of %v for the alert to clear; got %v",
			d.Clear, length, every))
	}
	if i.Range > 0 && i.Range < 2*i.Scrape {
		errs = append(errs, fmt.Errorf("range: must hold two scrapes, at least %v, got %v", 2*i.Scrape, i.Range))
	}
	return errors.Join(errs...)
}
