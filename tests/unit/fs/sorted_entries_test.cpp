// Sorts the entries of large directories in bounded memory.

#include "catch.hpp"
#include "op_disk.hpp"

#include "spindle/fs/sorted_entries.hpp"

#include <algorithm>
#include <random>

using namespace spindle;
using namespace spindle::fs;

TEST_CASE("a directory that exceeds the memory is sorted in parts") {
  std::mt19937 random{GENERATE(1u, 2u, 3u)};
  auto bytes = GENERATE(size_t{1}, size_t{40'000}, size_t{100'000'000});
  std::vector<std::string> names;
  for (int i = 0; i < 1500; ++i)
    names.push_back(std::string(random() % 40 + 1, 'n') + std::to_string(i));
  // The system lists them in the order of their hashes.
  kit::op_disk d{"posix"};
  for (const auto& name : names)
    kit::value_of(d.make_link("x", name));
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  auto from = sorted[100];
  sorted.erase(sorted.begin(), sorted.begin() + 100);
  sorted_entries all{from};
  std::vector<std::string> found;
  size_t reads = 0;
  size_t forgotten = 0;
  while (all.next() || all.has_more()) {
    if (!all.next()) {
      ++reads;
      kit::value_of(all.read(*kit::value_of(d.open_directory(".")), bytes));
      CHECK(all.memory() <= std::max(bytes, size_t{512} * 100));
    }
    found.push_back(all.next()->name);
    all.pass();
    // Entries that were not passed are returned again.
    if (random() % 500 == 0) {
      all.forget();
      ++forgotten;
    }
  }
  CHECK(found == sorted);
  if (bytes > 1'000'000)
    CHECK(reads <= 1 + forgotten);
  else
    CHECK(reads > 2);
}

TEST_CASE("entries that exactly fill the memory are read once") {
  kit::op_disk d{"memory"};
  d.put("b", "");
  d.put("a", "");
  sorted_entries all{""};
  kit::value_of(all.read(d.base(), 1'000));
  CHECK(all.next()->name == "a");
  all.pass();
  all.pass();
  CHECK(!all.next());
  CHECK(!all.has_more());
  all.forget();
  CHECK(!all.has_more());
  CHECK(all.memory() == 0);
}
