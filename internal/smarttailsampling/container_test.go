package smarttailsampling

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestContainerLimit(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"version 2":            {map[string]string{cgroupLimits[0]: "2147483648\n"}, 2048},
		"version 2, unlimited": {map[string]string{cgroupLimits[0]: "max\n"}, 0},
		"version 1":            {map[string]string{cgroupLimits[1]: "1073741824\n"}, 1024},
		"version 1, unlimited": {map[string]string{cgroupLimits[1]: "9223372036854771712\n"}, 0},
		"no container":         {nil, 0},
	} {
		got := containerMiB(func(path string) ([]byte, error) {
			if s, ok := c.files[path]; ok {
				return []byte(s), nil
			}
			return nil, errors.New("no such file")
		})
		assert.Equal(t, c.want, got, name)
	}
}

func TestMemoryAdvice(t *testing.T) {
	c := changed(nil)
	assert.Empty(t, c.memoryAdvice(0), "not known")
	assert.Empty(t, c.memoryAdvice(2560))
	assert.Contains(t, c.memoryAdvice(1200), "1024 MiB are held outside the Go heap")
	assert.Contains(t, c.memoryAdvice(1200), "leaves 176")
}
