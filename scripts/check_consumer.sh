#!/usr/bin/env bash
# Checks that other projects can use Spindle: installs a finished build and uses
# it with find_package, then adds the sources with add_subdirectory. Also checks
# other releases of CAF in the search path. Works in BUILD_DIR/consumer.
#
# Usage: check_consumer.sh BUILD_DIR
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
work=$build/consumer
prefix=$work/prefix

# Prints the value of a variable in the cache of a build.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "${2:-$build}/CMakeCache.txt"
}

# Prints an error and exits.
fail() {
  printf 'check_consumer: %s\n' "$*" >&2
  exit 1
}

# Runs a program and checks its output.
expect() {
  local expected=$1 printed
  shift
  printed=$("$@")
  printf '%s\n' "$printed"
  [[ $printed == "$expected" ]] || fail "expected: $expected"
}

# Checks that a file contains a text.
expect_in() {
  grep --quiet --fixed-strings -- "$2" "$1" || fail "$1 lacks: $2"
}

# Configures the consumers in $work/NAME.
configure() {
  local name=$1
  shift
  cmake -S "$root/tests/consumer" -B "$work/$name" -G Ninja \
    -D "CMAKE_CXX_COMPILER=$(cached CMAKE_CXX_COMPILER)" \
    -D "CMAKE_CXX_COMPILER_LAUNCHER=$(cached CMAKE_CXX_COMPILER_LAUNCHER)" \
    -D "CMAKE_PREFIX_PATH=$prefix;$prefixes" \
    -D CMAKE_BUILD_TYPE= "$@"
}

# Configures consumers, which must fail with a message.
expect_refusal() {
  local name=$1 message=$2
  shift 2
  if configure "$name" "$@" > "$work/$name.log" 2>&1; then
    fail "$name was configured"
  fi
  # CMake wraps its messages, so join the lines.
  tr -s ' \n' '  ' < "$work/$name.log" > "$work/$name.line"
  expect_in "$work/$name.line" "$message"
}

# Makes a CAF with the same version number and one different header in
# $work/NAME.
make_other_caf() {
  local name=$1 headers
  headers=$(cached CAF_INCLUDE_DIR)
  mkdir -p "$work/$name/include" "$work/$name/lib"
  cp -r "$headers/caf" "$work/$name/include/"
  printf '// of another commit\n' >> "$work/$name/include/caf/actor.hpp"
  for part in core io openssl; do
    ln -s "$(cached "CAF_${part}_LIBRARY")" "$work/$name/lib/"
  done
}

# Makes an imitation of CAF 1.x in $work/NAME.
make_caf_1() {
  local include=$work/$1/include/caf
  mkdir -p "$include" "$work/$1/lib"
  touch "$include/all.hpp" "$work/$1/lib/"libcaf_{core,io,openssl}.so
  printf '#define CAF_MAJOR_VERSION 1\n' > "$include/config.hpp"
}

# -- installed files -----------------------------------------------------------

prefixes=$(cached CMAKE_PREFIX_PATH)
rm -rf "$work"
cmake --install "$build" --prefix "$prefix"
for file in LICENSE README.md docs/installing.md docs/deploying.md \
    examples/one_operation.cpp examples/scratch.hpp; do
  [[ -f $prefix/share/doc/spindle/$file ]] || fail "$file is not installed"
done

unit=$prefix/lib/systemd/system/spindled.service
if [[ -x $prefix/bin/spindled ]]; then
  expect_in "$unit" "ExecStart=$prefix/bin/spindled "
  manual=$(sed -n 's/^Documentation=file://p' "$unit")
  [[ -f $manual ]] || fail "the unit names $manual, which does not exist"
fi

# -- find_package --------------------------------------------------------------

configure installed
cmake --build "$work/installed" --target consumer config_consumer
expect "consumer: it works" "$work/installed/consumer"
expect "consumer: 10 profiles" "$work/installed/config_consumer" \
  "$prefix/share/spindle/profiles.toml"

configure component -D COMPONENTS=config
expect_refusal no_component "There is no component nothing" -D COMPONENTS=nothing

without_toml=(-D CMAKE_DISABLE_FIND_PACKAGE_tomlplusplus=ON)
configure no_toml "${without_toml[@]}"
expect_refusal component_without_toml "needs toml++" -D COMPONENTS=config \
  "${without_toml[@]}"

# Only CAF 0.17 needs FindCAF.cmake, which these cases test.
if [[ -n $(cached CAF_INCLUDE_DIR) ]]; then
  make_caf_1 caf_1
  configure behind_caf_1 \
    -D "CMAKE_PREFIX_PATH=$work/caf_1;$prefix;$prefixes"
  expect "$(cached CAF_core_LIBRARY)" cached CAF_core_LIBRARY \
    "$work/behind_caf_1"
  make_other_caf other_caf
  expect_refusal with_other_caf "their headers differ" \
    -D "CMAKE_PREFIX_PATH=$work/other_caf;$prefix;$prefixes"
fi

# -- add_subdirectory ----------------------------------------------------------

configure part -D "SPINDLE_SOURCE_DIR=$root" -D SPINDLE_FIRST_TYPE_ID=5000
[[ ! -e $work/part/compile_commands.json ]] \
  || fail "compile_commands.json exists, although the consumer did not request it"
ninja -C "$work/part" CMakeFiles/consumer.dir/main.cpp.o
if grep --quiet --recursive 'file(INSTALL' --include cmake_install.cmake \
  "$work/part/spindle"; then
  fail "the consumer would install Spindle"
fi

# -- a shared library ----------------------------------------------------------

configure shared -D "SPINDLE_SOURCE_DIR=$root" -D BUILD_SHARED_LIBS=ON
version=$(sed -n 's/^project(spindle VERSION \([0-9.]*\) .*/\1/p' \
  "$root/CMakeLists.txt")
expect_in "$work/shared/build.ninja" "SONAME = libspindle.so.${version%.*}"
if grep --quiet "SONAME = libspindle.so.$version" "$work/shared/build.ninja"; then
  fail "the SONAME of the shared library contains the patch version"
fi
