#!/usr/bin/env bash
# CPU for each span of an agent and of its gateways: the examples, one agent and three gateways on this machine, with a
# recording sent as fast as the agent takes it. What they take when idle is taken off. From the root of the repository:
#
#     bench/fleet.sh [PASSES [RECORDING [MORE CONFIGURATION OF THE AGENT]]]
set -euo pipefail
passes=${1:-40} recording=${2:-testdata/traces/hotrod.jsonl.zst} more=${3:-yaml:}
binary=${ASSAY_BINARY:-_build/otelcol-assay} ctl=_build/assayctl
work=$(mktemp -d) pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

metrics() { echo "yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: $1}}}}]"; }
start() { # port of its metrics, configurations
	local port=$1 args=()
	shift
	for config in "$@" "$(metrics "$port")"; do args+=(--config "$config"); done
	STATE=$work "$binary" "${args[@]}" >"$work/$port.log" 2>&1 &
	pids+=($!)
	until curl -sf "localhost:$port/metrics" >/dev/null; do sleep 0.2; done
}
for n in 1 2 3; do
	start 2588$n examples/gateway.yaml "yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:2531$n" \
		"yaml:extensions::health_check::endpoint: 127.0.0.1:2513$n" "yaml:exporters::nop:" "yaml:service::pipelines::traces::exporters: [nop]" \
		"yaml:processors::smart_tail_sampling::budget: {spans_per_second: null, percentage: 5}"
done
start 25880 examples/agent.yaml "yaml:receivers::otlp::protocols: {grpc: {endpoint: 127.0.0.1:25310}, http: {endpoint: 127.0.0.1:25309}}" \
	"yaml:extensions::health_check::endpoint: 127.0.0.1:25130" \
	"yaml:exporters::load_balancing::resolver::static::hostnames: [127.0.0.1:25311, 127.0.0.1:25312, 127.0.0.1:25313]" "$more"

# look prints the time, the CPU seconds of the agent and of the gateways, and the spans that they have received.
look() {
	date +%s.%N
	for ports in 25880 "25881 25882 25883"; do
		for port in $ports; do curl -s "localhost:$port/metrics"; done |
			awk '/^otelcol_process_cpu_seconds/ {cpu += $2} /^otelcol_receiver_accepted_spans/ {spans += $2} END {print cpu, spans + 0}'
	done
}
read -rd '' -a before < <(look) || true
sleep 15
read -rd '' -a idle < <(look) || true
"$ctl" replay --endpoint localhost:25310 --quiet --decisions= --new-ids --max -n "$passes" "$recording"
sleep 10 # until all has been decided
read -rd '' -a after < <(look) || true
echo "${before[@]}" "${idle[@]}" "${after[@]}" | awk '{
	for (i = 0; i < 2; i++) {
		rest = ($(7 + 2*i) - $(2 + 2*i)) / ($6 - $1)
		cpu = $(12 + 2*i) - $(7 + 2*i) - rest * ($11 - $6)
		printf "%-8s  %7d spans  %5.1f us/span above %.1f %% of a core when idle\n", i ? "gateways" : "agent", $(13 + 2*i), 1e6 * cpu / $13, 100 * rest
	}
}'
