package journal

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// salt is what the checksums of a segment begin with. It is part of the name of the file, so that damage to the file does not touch it.
type salt [8]byte

// segment is a file of records.
type segment struct {
	number uint32
	salt   salt
	path   string
	bytes  int64 // size of the file
}

// A segment's head: mark 8 B | version 4 B | checksum of the two 4 B.
const (
	segmentMark = "\xa5assayJ\n"
	version     = 1
	segmentHead = 16
	suffix      = ".segment"
	spareSuffix = ".spare" // of a file that is to be written over
)

func headOf(version uint32) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(segmentMark), version)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// versionOf reads a segment's head; false where it is damaged.
func versionOf(b []byte) (uint32, bool) {
	if len(b) < segmentHead || string(b[:8]) != segmentMark || crc32.Checksum(b[:12], castagnoli) != binary.LittleEndian.Uint32(b[12:]) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b[8:]), true
}

func newSalt() (s salt) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

func (j *Journal) newSegment(number uint32) *segment {
	s := &segment{number: number, salt: newSalt()}
	s.path = filepath.Join(j.o.Directory, fmt.Sprintf("%010d-%s%s", number, hex.EncodeToString(s.salt[:]), suffix))
	return s
}

// parseName is the reverse of what newSegment does.
func parseName(name string) (number uint32, s salt, ok bool) {
	base, ok := strings.CutSuffix(name, suffix)
	if !ok {
		return 0, s, false
	}
	digits, hexed, _ := strings.Cut(base, "-")
	n, err := strconv.ParseUint(digits, 10, 32)
	b, err2 := hex.DecodeString(hexed)
	if err != nil || err2 != nil || len(b) != len(s) {
		return 0, s, false
	}
	return uint32(n), salt(b), true
}

// list finds the segments of a directory, oldest first, and refuses what a newer version has written.
func (j *Journal) list() error {
	files, err := os.ReadDir(j.o.Directory)
	if err != nil {
		return err
	}
	for _, f := range files {
		number, s, ok := parseName(f.Name())
		if !ok {
			if filepath.Ext(f.Name()) == spareSuffix {
				_ = os.Remove(filepath.Join(j.o.Directory, f.Name()))
			}
			continue
		}
		info, err := f.Info()
		if err != nil {
			return err
		}
		seg := &segment{number: number, salt: s, path: filepath.Join(j.o.Directory, f.Name()), bytes: info.Size()}
		v, err := seg.version()
		if err != nil {
			return err
		}
		if v > version {
			return fmt.Errorf("%s holds version %d of the journal, which a newer collector has written; this one reads up to version %d. "+
				"Start the newer one, or set the journal's directory to another one: what this one holds is then not decided", j.o.Directory, v, version)
		}
		j.segments = append(j.segments, seg)
	}
	slices.SortFunc(j.segments, func(a, b *segment) int { return int(int64(a.number) - int64(b.number)) })
	return nil
}

// version is that of the file; where its head is damaged, the one we know.
func (s *segment) version() (uint32, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var head [segmentHead]byte
	if n, _ := f.ReadAt(head[:], 0); n == segmentHead {
		if v, ok := versionOf(head[:]); ok {
			return v, nil
		}
	}
	return version, nil
}

// read visits the intact records of the file.
func (s *segment) read(visit func(Record)) (Damage, error) {
	b, err := os.ReadFile(s.path)
	if err != nil {
		return Damage{}, err
	}
	var d Damage
	if len(b) < segmentHead {
		return Damage{Torn: len(b) > 0}, nil
	}
	if _, ok := versionOf(b); !ok {
		d.Records++
	}
	d.Add(s.salt.scan(b[segmentHead:], func(r Record) {
		r.Segment = s.number
		visit(r)
	}))
	return d, nil
}

// open makes the file, or takes that of a segment that is no longer needed.
func (s *segment) open(spare *segment) (*os.File, error) {
	if spare != nil {
		if err := os.Rename(spare.path, s.path); err != nil {
			return nil, err
		}
		s.bytes = spare.bytes
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := f.WriteAt(append(headOf(version), end...), 0); err != nil {
		_ = f.Close()
		_ = os.Remove(s.path)
		return nil, err
	}
	s.bytes = max(s.bytes, segmentHead+int64(len(end)))
	return f, nil
}

// retire takes the file out of the segments, to be written over.
func (s *segment) retire() error {
	to := strings.TrimSuffix(s.path, suffix) + spareSuffix
	if err := os.Rename(s.path, to); err != nil {
		return err
	}
	s.path = to
	return nil
}

// remove deletes the file. One that is gone already is as good.
func (s *segment) remove() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
