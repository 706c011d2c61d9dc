// Package replay sends recorded traces to an OTLP receiver as if they happened again.
//
// The way of a batch:
//
//	files -> otlpfile -> cut to request size -> encode once -> [pace] -> workers: rewrite -> send, retry -> tally
//
// A batch is encoded to protobuf once, and the places of its time stamps and trace ids are noted ([wireBatch]). Moving it
// in time and giving it new ids are writes of fixed size into a copy of the bytes, so that a recording which is repeated
// costs a copy per pass and neither parsing nor encoding.
//
// Times: a batch arrived, in the recording, when the last of its spans ended. The first batch is sent at once, every
// other when its distance from the first, divided by the speed, has passed. Several files are one recording: they are
// merged by arrival.
package replay
