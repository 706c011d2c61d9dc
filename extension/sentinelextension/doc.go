// Package sentinelextension holds what a collector's sentinel components share
// and tells the world what they found: the key and the ledger, the pollers of
// backends, the watch over alerts and numbers, the verdict, and its routes
// under the console.
package sentinelextension
