package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// startKafkaAgent runs the example and returns the agent with its address.
func startKafkaAgent(t *testing.T, broker string) *fleetAgent {
	t.Helper()
	file := filepath.Join(repository(t), "examples", "kafka-agent.yaml")
	overlay, moved := relocate(t, file)
	return &fleetAgent{collector: start(t, []string{"KAFKA_BROKER=" + broker}, "--config", file, "--config", overlay), http: moved["receivers/otlp/http"]}
}

// assigned waits until the members of the gateways' group have so many partitions each.
func assigned(t *testing.T, broker string, want ...int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(broker, ",")...))
	require.NoError(t, err)
	defer client.Close()
	const group = "otelcol-assay"
	var got []int
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(200 * time.Millisecond) {
		groups, err := kadm.NewClient(client).DescribeGroups(t.Context(), group)
		require.NoError(t, err)
		got = nil
		for _, member := range groups[group].Members {
			n := 0
			if c, ok := member.Assigned.AsConsumer(); ok {
				for _, topic := range c.Topics {
					n += len(topic.Partitions)
				}
			}
			got = append(got, n)
		}
		slices.Sort(got)
		if groups[group].State == "Stable" && slices.Equal(got, want) {
			return
		}
		require.Truef(t, time.Now().Before(deadline), "members have %v partitions each, not %v", got, want)
	}
}

// TestFleetOverKafka runs the examples of an agent that writes to Kafka and of a gateway that reads there, three times each. A gateway is
// killed, one is added, and one is drained while traces are under way; nobody tells the agents.
func TestFleetOverKafka(t *testing.T) {
	t.Parallel()
	broker := kafkaBrokerWith(t, 12)
	f := &fleet{}
	gateway := func(name string) *fleetGateway {
		return f.startGateway(t, name, "kafka-gateway.yaml", "KAFKA_BROKER="+broker)
	}
	one, _, three := gateway("gateway 1"), gateway("gateway 2"), gateway("gateway 3")
	for range 3 {
		f.agents = append(f.agents, startKafkaAgent(t, broker))
	}
	f.load = newFleetLoad(f.agents[0].http, f.agents[1].http, f.agents[2].http)
	assigned(t, broker, 4, 4, 4)

	f.load.send(t, f.load.begin(900), wholeTrace, true)
	f.arrived(t)
	before := f.check(t, "before")
	assert.Zero(t, before, "each trace has one gateway")
	decided := len(three.seen.traces())
	f.halves(t, false, func() {
		f.kill(t, three, decided)
		assigned(t, broker, 6, 6) // after the session timeout of 10 s
	})
	after := f.check(t, "after a gateway was killed")
	assert.Greater(t, after, before, "traces of which the killed gateway had read a half")

	before = after
	f.halves(t, false, func() {
		gateway("gateway 4")
		assigned(t, broker, 4, 4, 4)
	})
	after = f.check(t, "after a gateway was added")
	assert.Greater(t, after, before, "traces of partitions that moved")

	before = after
	f.halves(t, false, func() {
		one.stop(t) // decides what it holds, and leaves the group
		assigned(t, broker, 6, 6)
	})
	after = f.check(t, "after a gateway was drained")
	assert.Greater(t, after, before, "traces of partitions that moved")
	for _, a := range f.agents {
		a.stop(t)
	}
	for _, g := range f.running() {
		g.stop(t)
	}
}
