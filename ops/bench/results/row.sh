#!/bin/bash
# row.sh DIR NAME [PRESET|KEY=VALUE...]: makes a row of docs/results.md.
#
# Trains, exports, precomputes, serves and evaluates: what comes out went through the exported bundle and a cache server of
# its own. Each step is left out whose result is there, and training goes on from its last checkpoint, so a row that was
# ended early is made again by the same command. DIR/NAME gets the run and a JSON file of each step; table.py reads them.
#
#   SCONE     the scone command (this checkout's unless set)
#   DEVICE    cpu, cuda or cuda:N (cpu unless set)
#   HELD_OUT  text of the training distribution that no row is trained on
#   WIKITEXT  WikiText-103's test file
set -euo pipefail
: "${HELD_OUT:?names no held-out text}" "${WIKITEXT:?names no WikiText file}"
scone=${SCONE:-$(cd "$(dirname "$0")/../../.." && pwd)/ops/bin/scone}
device=${DEVICE:-cpu}
dtype=$([ "$device" = cpu ] && echo f32 || echo f16)
row=$1/$2
shift 2
mkdir -p "$row"

# once FILE COMMAND...: what the command prints becomes the file, which is there only if the command succeeded.
once() {
  local file=$row/$1
  shift
  [ -f "$file" ] || { "$@" >"$file.partial" && mv "$file.partial" "$file"; }
}

once train.json "$scone" train --json --resume --out "$row/run" training.device="$device" "$@"
export=(export --json --checkpoint "$row/run" --dtype "$dtype" --out "$row/bundle")
rows=()
if grep -q '^fgram: none' "$row/run/config.yaml"; then
  once export.json "$scone" "${export[@]}"
else
  once export.json "$scone" "${export[@]}" --fgram-dtype "$dtype"
  once precompute.json "$scone" precompute --json --bundle "$row/bundle" --device "$device" --dtype f16
  "$scone" cache-server --table "default=$row/bundle/table" --host 127.0.0.1 --port 0 >"$row/server.log" 2>&1 &
  server=$!
  trap 'kill $server' EXIT
  until address=$(grep -o '127.0.0.1:[0-9]*' "$row/server.log" | head -n 1) && [ -n "$address" ]; do
    kill -0 $server || { cat "$row/server.log" >&2; exit 1; }
    sleep 0.1
  done
  rows=(--server "$address")
fi
once held-out.json "$scone" evaluate --json --model "$row/bundle" --device "$device" "${rows[@]}" --corpus "$HELD_OUT"
once wikitext.json "$scone" evaluate --json --model "$row/bundle" --device "$device" "${rows[@]}" --wikitext --corpus "$WIKITEXT"
