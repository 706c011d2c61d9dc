// Package query parses and evaluates the queries of trace diff.
package query
