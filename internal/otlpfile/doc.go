// Package otlpfile reads recorded traces from files.
//
// It understands what the Collector's file exporter writes and what people make of it by hand:
//
//	content                                        told by
//	OTLP JSON, one document per line               first byte {, first line closed
//	OTLP JSON, one document over several lines     first byte {, first line open
//	messages, each behind its length               first byte 00 to 03
//	  (4 bytes, big-endian); a message is
//	  protobuf or JSON, plain or zstd by itself
//	one protobuf TracesData or request             first byte 0A
//
// and each of these whole-file compressed with gzip or zstd, told by their magic bytes; file names play no part. The name
// "-" stands for standard input.
//
// A [Reader] is an iterator over batches: one line or message is one [ptrace.Traces]. Only the protobuf document is cut,
// between two ResourceSpans, into batches of about 1 MiB, so that its size does not matter. Memory is bounded by the
// largest record, which has a limit of its own ([WithMaxRecordBytes]).
//
// What cannot be read is reported as a [RecordError], with file, line or message number, byte offset and what was
// expected there. After a resumable one the next call goes on behind the broken record.
package otlpfile
