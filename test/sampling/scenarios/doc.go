// Package scenarios is the circumstances under which a sampler has to be right, for tests and for docs/evaluation.md: what
// comes in, how it is sampled, and how what was kept is judged.
package scenarios
