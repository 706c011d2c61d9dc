package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Replace writes text between the marks of a section of a Markdown file, in the place of what was there, or at the end of
// the file where the section is new. The file is made if it is missing.
func Replace(path, section, text string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("results: %w", err)
	}
	if err := os.WriteFile(path, []byte(replace(string(old), section, text)), 0o644); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}

func replace(old, section, text string) string {
	begin, end := "<!-- begin "+section+" -->\n", "<!-- end "+section+" -->\n"
	body := begin + strings.TrimRight(text, "\n") + "\n" + end
	before, rest, found := strings.Cut(old, begin)
	if _, after, closed := strings.Cut(rest, end); found && closed {
		return before + body + after
	}
	if old != "" {
		old = strings.TrimRight(old, "\n") + "\n\n"
	}
	return old + body
}
