#include "cli/local_disk.hpp"

#include "catch.hpp"
#include "cpu_time.hpp"
#include "temp_dir.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <unistd.h>

using namespace spindle;

namespace {

/// Returns the processor time for walking a directory.
std::chrono::nanoseconds time_to_walk(size_t count) {
  kit::temp_dir home;
  for (size_t i = 0; i < count; ++i)
    REQUIRE(::symlink("x", (home / std::to_string(i)).c_str()) == 0);
  auto begin = kit::cpu_time();
  tool::local_disk disk;
  directory_walk op{.path = home.path(), .limit = 100};
  size_t found = 0;
  do {
    auto page = disk.run(op);
    REQUIRE(page);
    found += page->entries.size();
    op.after = page->next;
  } while (!op.after.empty());
  CHECK(found == count);
  return kit::cpu_time() - begin;
}

} // namespace

TEST_CASE("a large directory is walked in time proportional to its size") {
  auto few = std::min(time_to_walk(2'000), time_to_walk(2'000));
  // A factor of 10 is linear, 100 is quadratic.
  CHECK(time_to_walk(20'000) < 30 * few);
}
