// Package e2e tests the built distribution from outside: it starts _build/otelcol-assay as users do, sends it data
// over the network and reads what comes out.
//
// The binary comes from `make build`, or from the path in ASSAY_BINARY. Without it, or without another program that
// a test needs, the test skips; with ASSAY_E2E_STRICT=1, as in CI, it fails instead.
package e2e
