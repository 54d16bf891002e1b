#!/bin/sh
# Compares the CPU time that Baton and nginx take for one request of /hello, on loopback, like with like: one worker, pinned
# to one core, the load generator on another, the same bytes, keep-alive. Prints microseconds of CPU a request.
set -eu

for tool in nginx wrk taskset; do
    command -v "$tool" >/dev/null 2>&1 || { echo "bench-nginx: $tool is missing (apt-get install nginx-light wrk util-linux)" >&2; exit 1; }
done

root=$(cd "$(dirname "$0")/.." && pwd)
baton=$(swift build -c release --show-bin-path --package-path "$root")/baton
work=$(mktemp -d)
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
pids=""
seconds=${SECONDS_EACH:-5}
connections=${CONNECTIONS:-64}

cat > "$work/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $work/nginx.pid;
error_log $work/error.log;
events { worker_connections 4096; }
http {
    keepalive_requests 100000000;
    log_format line '\$time_iso8601 \$request_method \$uri \$status \$body_bytes_sent \$request_time \$request_id';
    access_log $work/access.log line;
    client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    server { listen 127.0.0.1:8181; location / { default_type text/plain; return 200 "Hello, World!"; } }
    server { listen 127.0.0.1:8182; access_log off; location / { default_type text/plain; return 200 "Hello, World!"; } }
}
CONF

serve() { # name, port, arguments...
    name=$1 port=$2
    shift 2
    taskset -c 0 "$baton" serve --port "$port" "$@" > "$work/$name.out" 2> "$work/$name.err" &
    pids="$pids $!"
}

sed -e 's/^  loops: 0/  loops: 1/' "$root/config.yml" > "$work/default.yml"
sed -e '/^  - access-log/d' "$work/default.yml" > "$work/quiet.yml"
printf 'server: { loops: 1 }\n' > "$work/empty.yml"
serve default 8183 --config "$work/default.yml"; default_pid=${pids##* }
serve quiet 8184 --config "$work/quiet.yml"; quiet_pid=${pids##* }
serve empty 8185 --config "$work/empty.yml"; empty_pid=${pids##* }
taskset -c 0 nginx -c "$work/nginx.conf" & master=$!
pids="$pids $master"
# All must answer before any is measured.
for port in 8181 8182 8183 8184 8185; do
    curl -s -o /dev/null --retry 50 --retry-connrefused --retry-delay 0 "http://127.0.0.1:$port/hello"
done
worker=$(pgrep -P "$master" | head -n 1)

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

measure() { # name, pid, port
    before=$(ticks "$2")
    out=$(taskset -c 1 wrk -t1 -c"$connections" -d"${seconds}s" --latency "http://127.0.0.1:$3/hello")
    after=$(ticks "$2")
    requests=$(echo "$out" | awk '/requests in/ { print $1 }')
    errors=$(echo "$out" | grep -E 'Non-2xx|Socket errors' || true)
    rate=$(echo "$out" | awk '/Requests\/sec/ { print $2 }')
    awk -v name="$1" -v ticks=$((after - before)) -v n="$requests" -v rate="$rate" -v errors="$errors" 'BEGIN {
        printf "%-28s %7.2f us CPU/request %12s requests/s  %s\n", name, ticks * 10000 / n, rate, errors }'
}

for round in 1 2 3; do
    echo "round $round"
    measure "nginx, access log off" "$worker" 8182
    measure "baton, empty chain" "$empty_pid" 8185
    measure "baton, chain without log" "$quiet_pid" 8184
    measure "nginx, access log on" "$worker" 8181
    measure "baton, default chain" "$default_pid" 8183
done
