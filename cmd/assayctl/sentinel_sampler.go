package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// samplerOf reads which sampler lies between the generator and what is judged: nothing, tail, or probabilistic:PERCENT[:PRECISION].
func samplerOf(text string) (verify.Sampler, error) {
	kind, rest, configured := strings.Cut(text, ":")
	switch {
	case text == "":
		return nil, nil
	case text == "tail":
		return verify.Tail{}, nil
	case kind != "probabilistic" || !configured:
		return nil, fmt.Errorf("--sampler: must be tail or probabilistic:PERCENT[:PRECISION], such as probabilistic:25, got %q", text)
	}
	first, second, precise := strings.Cut(rest, ":")
	percentage, err := strconv.ParseFloat(first, 32)
	if err != nil {
		return nil, fmt.Errorf("--sampler: percentage: must be a number, as in probabilistic:25, got %q", first)
	}
	precision := verify.DefaultPrecision
	if precise {
		if precision, err = strconv.Atoi(second); err != nil {
			return nil, fmt.Errorf("--sampler: precision: must be a number of digits, as in probabilistic:25:4, got %q", second)
		}
	}
	s, err := verify.NewConsistent(float32(percentage), precision)
	if err != nil {
		return nil, fmt.Errorf("--sampler: %w", err)
	}
	return s, nil
}
