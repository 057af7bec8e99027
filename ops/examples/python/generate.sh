#!/bin/sh
# Writes the Python code of the protos into a folder: generate.sh DIR. Put the folder on PYTHONPATH.
# Takes the packages of the distribution (Debian, Ubuntu: python3-grpcio protobuf-compiler-grpc) or, of pip, grpcio-tools.
set -eu
[ $# = 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
protos=$(cd "$(dirname "$0")/../../../proto/src/main/proto" && pwd)
mkdir -p "$1"
if plugin=$(command -v grpc_python_plugin); then
  protoc -I "$protos" --python_out="$1" --plugin=protoc-gen-grpc="$plugin" --grpc_out="$1" "$protos"/scone/v1/*.proto
elif python3 -c 'import grpc_tools' 2>/dev/null; then
  python3 -m grpc_tools.protoc -I "$protos" --python_out="$1" --grpc_python_out="$1" "$protos"/scone/v1/*.proto
else
  echo "$0: there is neither grpc_python_plugin nor grpcio-tools: apt-get install protobuf-compiler-grpc" >&2
  exit 1
fi
