package identity

import (
	"fmt"
	"os"
)

// NodeName is what tells the pods of a DaemonSet apart: the node's name where the environment has it, or the host's.
func NodeName() (string, error) {
	for _, variable := range []string{"K8S_NODE_NAME", "NODE_NAME"} {
		if name := os.Getenv(variable); name != "" {
			return name, nil
		}
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("instance: the name of the node cannot be found out; set a name: %w", err)
	}
	return name, nil
}
