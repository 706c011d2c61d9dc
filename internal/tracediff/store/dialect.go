package store

import (
	"context"
	"database/sql"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is where databases differ.
type dialect struct {
	name       goose.Dialect
	migrations fs.FS
	numbered   bool // placeholders are $1, not ?
	open       func() (*sql.DB, error)
	options    []goose.ProviderOption
	// conflict says whether an error means that a key is taken.
	conflict func(error) bool
	// transient says whether the same call may succeed at once, because two transactions stood in each other's way.
	transient func(error) bool
	// setAside puts a database that is damaged beyond use out of the way, and says where it went; nil if err does not say
	// so, or if that is not ours to do.
	setAside func(ctx context.Context, err error) (string, error)
}

// sql replaces the placeholders of a statement.
func (d *dialect) sql(statement string) string {
	if !d.numbered {
		return statement
	}
	var b strings.Builder
	n := 0
	for _, c := range statement {
		if c == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}
