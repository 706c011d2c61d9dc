// Package migrate turns the tail_sampling processors of a collector configuration into smart_tail_sampling, and lists what differs.
//
//	file --> document (where the processors are) --> policies --> terms --> items in order of precedence --> rules --> text
//
// A policy is a condition on a whole trace. It becomes terms: alternatives, each of which is a clause of literals such as "a span
// matches", "lasts at least", and perhaps a chance or a limit. All policies together become one list of rules of which the first
// that matches wins, which is how smart_tail_sampling decides; docs/adr/0027 says how, and what cannot be said in this way.
//
// Only the text of the processors and of the references to them in pipelines is replaced.
package migrate
