// Package inspect judges a sentinel's traces afterwards: those of a file, or those that a backend has stored.
//
//	File       spans in any order        ──▶ sorted by the slot of their trace ──┐
//	Backend    manifests, then traces, each looked up by the id that it must have┴▶ verify.Verifier in virtual time ──▶ Summary
//
// Time is that of the slots, so that the verdicts are those that a verifier would have given then, but for late: when a span
// arrived is not known any more. The generator's word is in its manifests, which must be in the file, or stored.
package inspect
