#!/usr/bin/env bash
# Builds tests/consumer against an installed Spindle, as others would. Works in
# BUILD_DIR/consumer.
#
# Usage: check_consumer.sh BUILD_DIR, which holds a finished build
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
work=$build/consumer

# Prints the value of a variable in the cache of the build.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

# Runs a program, and checks what it prints.
expect() {
  local expected=$1 printed
  shift
  printed=$("$@")
  printf '%s\n' "$printed"
  [[ $printed == "$expected" ]]
}

# Builds and runs the consumers in $work/NAME.
consume() {
  local name=$1
  shift
  cmake -S "$root/tests/consumer" -B "$work/$name" -G Ninja \
    -D "CMAKE_CXX_COMPILER=$(cached CMAKE_CXX_COMPILER)" \
    -D "CMAKE_CXX_COMPILER_LAUNCHER=$(cached CMAKE_CXX_COMPILER_LAUNCHER)" \
    -D CMAKE_BUILD_TYPE= "$@"
  cmake --build "$work/$name" --target consumer config_consumer
  expect "consumer: it works" "$work/$name/consumer"
  expect "consumer: 10 profiles" "$work/$name/config_consumer" \
    "$work/prefix/share/spindle/profiles.toml"
}

prefixes=$(cached CMAKE_PREFIX_PATH)
rm -rf "$work"
cmake --install "$build" --prefix "$work/prefix"
consume installed -D "CMAKE_PREFIX_PATH=$work/prefix;$prefixes"
