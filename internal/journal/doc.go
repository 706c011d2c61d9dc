// Package journal is a bounded log of records on disk that survives the death of the process. It knows records, segments, checksums,
// locks and limits, and nothing of what the records hold.
//
//	directory   lock | 0000000001-SALT.segment | 0000000002-SALT.segment ...       lock_*.go, segment.go
//	segment     head: mark, version | record | record ...                          segment.go
//	record      mark, kind, count, length, checksums | payload                     record.go
//
// Records are appended to the last segment, which is the active one. Whoever needs what a segment or a later one holds pins it (pins.go);
// the oldest segments go as soon as nobody pins them. How much that is, is up to the caller: who must make room copies what is still
// needed to the end, and pins that instead.
//
// A record carries a checksum of its payload and one of its head, with the salt of its segment. So a reader finds the next record behind
// a damaged one, takes nothing that a client has sent for a record, and nothing that is left of an earlier use of the file: segments that
// are no longer needed are written over, because that costs a third of what a new file does.
//
// A failure to write leaves the journal Down, with its segments as they are. Nothing is appended until Resume, which begins a new segment.
package journal
