// Tests reading a file in chunks: in order, and without reading holes.

#include "catch.hpp"
#include "temp_dir.hpp"

#include "cli/local_disk.hpp"
#include "transfer/chunks.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>

using namespace spindle;
using namespace spindle::tool;

namespace {

/// The disk of this machine; counts the bytes that are requested.
class counting_disk final : public disk_access {
public:
  pending_answer start(operation what) override {
    if (auto* read = std::get_if<file_read>(&what))
      asked += read->length.value_or(0);
    return files_.start(std::move(what));
  }

  uint64_t asked = 0;

private:
  local_disk files_;
};

std::string all_of(chunk_source& from) {
  std::string res;
  for (;;) {
    auto chunk = from.next();
    REQUIRE(chunk);
    if (chunk->empty())
      return res;
    res += chunk->text();
  }
}

} // namespace

TEST_CASE("holes are not read") {
  kit::temp_dir dir;
  std::string expected;
  expected.resize(10'000'007);
  expected.replace(0, 5, "begin");
  expected.replace(5'000'000, 6, "middle");
  auto with_end = GENERATE(false, true);
  if (with_end)
    expected.replace(expected.size() - 3, 3, "end");
  std::ofstream{dir / "f"} << expected;
  counting_disk disk;
  auto offset = GENERATE(uint64_t{0}, uint64_t{1}, uint64_t{4'999'999},
                         uint64_t{10'000'007});
  sparse_chunks source{disk, dir / "f", 100'000, offset, expected.size()};
  CHECK(all_of(source) == expected.substr(offset));
  // One chunk for each of the three ranges of data, or two if a range crosses
  // the border of chunks.
  CHECK(disk.asked <= 400'000);
  CHECK(all_of(source) == "");
}

TEST_CASE("a file with holes may shrink while it is read") {
  kit::temp_dir dir;
  auto left = GENERATE(0, 1, 150'000, 200'000, 2'000'000);
  std::ofstream{dir / "f"} << std::string(3'000'000, 'x');
  counting_disk disk;
  sparse_chunks source{disk, dir / "f", 100'000, 0, 3'000'000};
  std::filesystem::resize_file(dir / "f", static_cast<uintmax_t>(left));
  CHECK(all_of(source) == std::string(static_cast<size_t>(left), 'x'));
  std::filesystem::remove(dir / "f");
  sparse_chunks gone{disk, dir / "f", 100'000, 0, 3'000'000};
  CHECK(gone.next().error().code == errc::not_found);
  CHECK(all_of(gone) == "");
}

TEST_CASE("a file is read up to a given end") {
  kit::temp_dir dir;
  std::ofstream{dir / "f"} << std::string(1'000'000, 'x');
  counting_disk disk;
  auto end = GENERATE(uint64_t{0}, uint64_t{1}, uint64_t{100'000},
                      uint64_t{250'000}, uint64_t{2'000'000});
  file_chunks source{disk, dir / "f", 100'000, 0, end};
  CHECK(all_of(source).size() == std::min(end, uint64_t{1'000'000}));
}
