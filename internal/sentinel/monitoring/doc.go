// Package monitoring asks the monitoring system that a sentinel's alert goes through.
//
//	Prometheus     what its rules say, what a query gives        (prometheus.go)
//	Alertmanager   which alerts it holds, and for whom           (alertmanager.go)
//	Webhook        takes Alertmanager's notifications            (webhook.go)
//
// An error means that nothing was learned.
package monitoring
