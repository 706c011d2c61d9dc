package e2e

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// atOnce is how many tests run at a time, unless -parallel says otherwise. By default it would be one for each processor; but
// these tests leave the processors to others nearly all the time, waiting for seconds of the wall clock to pass.
const atOnce = "12"

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
