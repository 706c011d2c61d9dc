// Package monitoring holds the alert rules, the runbook and the metrics of the components together.
package monitoring
