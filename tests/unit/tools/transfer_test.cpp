// What a transfer says about its part while it is under way.

#include "catch.hpp"
#include "temp_dir.hpp"

#include "cli/local_disk.hpp"
#include "transfer/transfer.hpp"

#include <cstdint>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace spindle;
using namespace spindle::tool;

namespace {

/// The disk of this machine. Calls a function after each write, when nobody
/// knows its answer yet.
class told_disk final : public disk_access {
public:
  pending_answer start(operation what) override {
    auto writes = std::holds_alternative<file_write>(what);
    auto res = files_.start(std::move(what));
    if (writes)
      on_written();
    return res;
  }

  std::function<void()> on_written;

private:
  local_disk files_;
};

transfer_events ignored_events() {
  return {.on_bytes = [](uint64_t, std::optional<uint64_t>) {},
          .on_note = [](const std::string&) {},
          .on_verify = [] {},
          .on_complete = [] {}};
}

} // namespace

TEST_CASE("a transfer can be resumed from its first byte on") {
  kit::temp_dir dir;
  std::ofstream{dir / "source"} << std::string(1'000'000, 'x');
  told_disk disk;
  transfer one{{.from = disk,
                .source = dir / "source",
                .to = disk,
                .target = dir / "target",
                .chunk_size = 100'000},
               ignored_events()};
  std::vector<std::string> told;
  disk.on_written = [&] { told.push_back(one.how_to_resume()); };
  REQUIRE(one.run().has_value());
  REQUIRE(told.size() == 10);
  // A signal may come at any of these times.
  for (const auto& what : told)
    CHECK(what.ends_with("; the same command goes on from there"));
}
