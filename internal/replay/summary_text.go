package replay

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteText writes the summary for people. Rows that would say zero are left out, but for what everybody looks for.
func (s Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	protocol := map[string]string{string(GRPC): "gRPC", string(HTTP): "HTTP"}[s.Protocol]
	fmt.Fprintf(&b, "%s to %s over %s in %s\n", counted(s.Spans, "span"), oneLine(s.Endpoint), protocol, seconds(s.Seconds))
	row := func(name string, n int64, always bool, note string) {
		if n == 0 && !always {
			return
		}
		fmt.Fprintf(&b, "  %-16s %12s%s\n", name, grouped(n), note)
	}
	row("accepted", s.Accepted, true, fmt.Sprintf("  %s spans/s", grouped(int64(s.SpansPerSecond+0.5))))
	row("refused", s.Refused, true, "")
	row("not sent", s.Unsent, false, "")
	size := "  " + byteSize(s.Bytes)
	if s.Passes > 1 {
		size += ", " + counted(int64(s.Passes), "pass")
	}
	row("batches", s.Batches, true, size)
	row("retries", s.Retries, false, "")
	row("broken records", s.BrokenRecords, false, "  could not be read")
	row("broken files", s.BrokenFiles, false, "  read in part")
	if s.BehindSeconds >= 1 {
		fmt.Fprintf(&b, "  %-16s %12s  a lower --speed or a higher --concurrency keeps up\n", "behind schedule", seconds(s.BehindSeconds))
	}
	if s.Interrupted {
		b.WriteString("  interrupted\n")
	}
	if s.Spans == 0 && !s.Interrupted && s.BrokenFiles == 0 && s.BrokenRecords == 0 {
		b.WriteString("  nothing to send: the files hold no spans\n")
	}
	messages(&b, "errors", s.Errors)
	messages(&b, "warnings", s.Warnings)
	_, err := io.WriteString(w, b.String())
	return err
}

func messages(b *strings.Builder, title string, list []Message) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "first %s:\n", title)
	for _, m := range list {
		times := ""
		if m.Count > 1 {
			times = fmt.Sprintf(" (%s times)", grouped(m.Count))
		}
		fmt.Fprintf(b, "  %s%s\n", oneLine(m.Text), times)
	}
}

// counted is a number and its noun, plural where it must be.
func counted(n int64, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

func seconds(s float64) string {
	if s < 100 {
		return strconv.FormatFloat(s, 'f', 2, 64) + " s"
	}
	return grouped(int64(s+0.5)) + " s"
}

func byteSize(n int64) string {
	switch {
	case n < 1e3:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1e6:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + " kB"
	default:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	}
}
