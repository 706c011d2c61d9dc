package wholebinary

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeerVersionIsThatOfThePeer(t *testing.T) {
	text, err := os.ReadFile("../peer/builder-config.yaml")
	require.NoError(t, err)
	require.Contains(t, string(text), "tailsamplingprocessor "+peerVersion+"\n")
}
