package main

import (
	"fmt"
	"testing"
)

func TestTmpEngine(t *testing.T) {
	for _, b := range []float64{1, 5, 10, 30} {
		w, err := runEngine(b, 3, uint16(7+b), 0)
		fmt.Println(b, err, w.looks, w.faults, w.findings, w.kept)
	}
	for _, l := range []int{2, 3, 5} {
		w, err := runEngine(10, 1, 3, l)
		fmt.Println("loses from the start", l, err, w.looks, w.faults, w.findings)
	}
}
