package store

import (
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
	// damage says whether an error means that the database is broken beyond use, and ours to set aside.
	damage func(error) bool
	// setAside puts it out of the way, and says where it went.
	setAside func() (string, error)
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
