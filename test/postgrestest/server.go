// Package postgrestest runs a real PostgreSQL server for tests, from Debian's package postgresql.
package postgrestest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// patience is how long a start may take on a loaded machine.
const patience = time.Minute

// Server is a PostgreSQL server on a port of its own, with its data in a temporary directory.
type Server struct {
	programs, directory, port string
	credential                *syscall.Credential // the server refuses to run as root
	process                   *exec.Cmd
	exited                    chan struct{}
}

// Start runs a server until the test ends. Without PostgreSQL the test skips; with ASSAY_E2E_STRICT=1 it fails.
func Start(t testing.TB) *Server {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	require.NoError(t, err)
	if len(found) == 0 {
		if os.Getenv("ASSAY_E2E_STRICT") != "" {
			t.Fatal("PostgreSQL is not installed: apt-get install postgresql (ASSAY_E2E_STRICT is set, so this fails instead of skipping)")
		}
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	directory, err := os.MkdirTemp("", "assay-postgres-") //nolint:usetesting // t.TempDir is closed to other users, and the server is one
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(directory)) })
	s := &Server{programs: found[len(found)-1], directory: directory, port: freePort(t)}
	if os.Getuid() == 0 {
		s.credential = ownerOf(t, directory)
	}
	out, err := s.command(t.Context(), "initdb", "-D", s.data(), "-A", "trust", "-U", "assay", "-E", "UTF8", "--no-sync").CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	s.Run(t)
	t.Cleanup(func() { s.Kill(t) })
	return s
}

// ownerOf gives the directory to the user postgres, whom the package has made.
func ownerOf(t testing.TB, directory string) *syscall.Credential {
	t.Helper()
	owner, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.Atoi(owner.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(owner.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(directory, uid, gid))
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *Server) data() string { return filepath.Join(s.directory, "data") }

func (s *Server) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, program), args...) //nolint:gosec // G204: programs of the package
	cmd.Dir = s.directory
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	return cmd
}

// Run starts the server, again after a Kill, and returns when it answers.
func (s *Server) Run(t testing.TB) {
	t.Helper()
	// Not the test's context: it ends before cleanups, and those talk to the server.
	s.process = s.command(context.Background(), "postgres", "-D", s.data(), "-p", s.port, "-k", s.directory,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=50")
	log, err := os.OpenFile(filepath.Join(s.directory, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	s.process.Stdout, s.process.Stderr = log, log
	require.NoError(t, s.process.Start())
	exited := make(chan struct{})
	s.exited = exited
	process := s.process
	go func() {
		defer close(exited)
		_ = process.Wait() // it was told to end
	}()
	deadline := time.Now().Add(patience)
	for {
		conn, err := pgx.Connect(t.Context(), s.DSN("postgres"))
		if err == nil {
			require.NoError(t, conn.Close(t.Context()))
			return
		}
		select {
		case <-exited:
		case <-time.After(50 * time.Millisecond):
			if time.Now().Before(deadline) {
				continue
			}
		}
		text, _ := os.ReadFile(filepath.Join(s.directory, "log"))
		require.NoErrorf(t, err, "PostgreSQL does not start:\n%s", text)
	}
}

// Kill ends the server as a crash does. Clients find their connections broken.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	_ = s.process.Process.Signal(syscall.SIGQUIT) // immediate shutdown; fails when it has ended
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.process.Process.Kill()
		t.Errorf("PostgreSQL did not end within %v", patience)
	}
}

// DSN is the URL of a database.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://assay@127.0.0.1:%s/%s?sslmode=disable", s.port, database)
}

// Database makes an empty database and returns its URL.
func (s *Server) Database(t testing.TB, name string) string {
	t.Helper()
	s.Exec(t, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return s.DSN(name)
}

// Exec runs a statement, as an administrator would.
func (s *Server) Exec(t testing.TB, database, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(database))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func freePort(t testing.TB) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return port
}
