# Runs `cargo lambda watch` on PORT with the options in "$@". It starts the service only on the first
# request, so this script sends one. It does not exit when the terminal is closed (SIGHUP), so this
# script then sends it SIGTERM.
.tools/cargo-lambda/bin/cargo-lambda lambda watch \
    --invoke-address 127.0.0.1 --invoke-port "$PORT" "$@" &
watch=$!
(sleep 0.3; exec curl --silent --output /dev/null --max-time 60 --retry 9 --retry-connrefused \
    "http://127.0.0.1:$PORT/health") &
first_request=$!
trap 'kill $watch $first_request 2>/dev/null; wait; exit 1' HUP INT TERM
wait $watch
