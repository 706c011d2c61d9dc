package smarttailsampling

import (
	"fmt"
	"strconv"
	"strings"
)

// cgroupLimits are where Linux says how much memory the container may take: control groups version 2, then 1.
var cgroupLimits = [...]string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// containerMiB is how much memory the container may take; 0 where there is no limit, or none is known.
func containerMiB(read func(string) ([]byte, error)) int64 {
	for _, path := range cgroupLimits {
		b, err := read(path)
		if err != nil {
			continue
		}
		const unlimited = 1 << 40 // version 1 states a huge number
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n < unlimited {
			return n >> 20
		}
		return 0
	}
	return 0
}

// memoryAdvice says what is left of the container for everything else where that is little; "" where it is enough, or not known.
func (c *Config) memoryAdvice(container int64) string {
	if container <= 0 || 2*c.Memory.LimitMiB <= container {
		return ""
	}
	return fmt.Sprintf("memory::limit_mib: %d MiB are held outside the Go heap, where memory_limiter does not see them; of the container's %d MiB "+
		"that leaves %d for everything else. The limit of memory_limiter and this one together should stay below 85 %% of the container",
		c.Memory.LimitMiB, container, max(0, container-c.Memory.LimitMiB))
}
