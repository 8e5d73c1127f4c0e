# `cargo lambda watch` with "$@" at PORT of this machine.
#
# It starts the service with the first request, so one is sent. And it stays, without its service, when
# the terminal is closed (SIGHUP), so that it is sent SIGTERM then.
.tools/cargo-lambda/bin/cargo-lambda lambda watch \
    --invoke-address 127.0.0.1 --invoke-port "$PORT" "$@" &
watch=$!
(sleep 0.3; exec curl --silent --output /dev/null --max-time 60 --retry 9 --retry-connrefused \
    "http://127.0.0.1:$PORT/health") &
first_request=$!
trap 'kill $watch $first_request 2>/dev/null; wait; exit 1' HUP INT TERM
wait $watch
