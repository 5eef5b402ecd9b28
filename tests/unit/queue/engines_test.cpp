#include "spindle/queue/engines.hpp"

#include "catch.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace spindle;

namespace {

/// An engine that makes no calls.
class idle_engine : public fs::engine {
public:
  idle_engine(engine_kind kind, size_t depth) : kind_(kind), depth_(depth) {}

  engine_kind kind() const noexcept override {
    return kind_;
  }

  size_t depth() const noexcept override {
    return depth_;
  }

  void start(fs::device_call&) override {}

  void wait(std::vector<fs::device_call*>&) override {}

  void poll(std::vector<fs::device_call*>&) override {}

  void interrupt() noexcept override {}

private:
  engine_kind kind_;
  size_t depth_;
};

std::string shown(engine_kind kind, size_t depth) {
  return to_string(kind) + ' ' + std::to_string(depth);
}

/// A system that allows so many rings, and any number of threads.
struct fake_system {
  engine_supply supply(settings bounds) {
    if (!bounds.disk)
      bounds.disk = std::make_shared<fs::posix_vfs>();
    return engine_supply{
      bounds, [this](engine_kind kind, size_t depth) -> fs::engine_ptr {
        asked.push_back(shown(kind, depth));
        if (kind == engine_kind::ring && rings == 0)
          return nullptr;
        rings -= kind == engine_kind::ring ? 1 : 0;
        return std::make_unique<idle_engine>(kind, depth);
      }};
  }

  size_t rings = 100;
  std::vector<std::string> asked{};
};

std::string in_force(const engine_supply& x) {
  return shown(x.terms().kind, x.terms().depth);
}

/// Returns what the next disk actor has.
std::string next(engine_supply& x) {
  auto one = x.take();
  return one ? shown(one->kind(), one->depth()) : "none";
}

} // namespace

TEST_CASE("a queue has a ring if the system allows one") {
  fake_system sys;
  auto engines = sys.supply({});
  CHECK(in_force(engines) == "ring 64");
  auto first = engines.take();
  auto second = engines.take();
  CHECK(first != second);
  CHECK(first->kind() == engine_kind::ring);
  CHECK(second->kind() == engine_kind::ring);
  CHECK(sys.asked.size() == 2);
  // The successor of a disk actor that died.
  CHECK(next(engines) == "ring 64");
}

TEST_CASE("a queue has a few threads if the system allows no ring") {
  fake_system sys{.rings = 0};
  auto engines = sys.supply({});
  CHECK(in_force(engines) == "threads 4");
  CHECK(next(engines) == "threads 4");
  CHECK(next(engines) == "threads 4");
  CHECK(in_force(sys.supply({.depth = 3})) == "threads 3");
}

TEST_CASE("both disk actors have a ring, or none of them") {
  fake_system sys{.rings = 1};
  auto engines = sys.supply({});
  CHECK(in_force(engines) == "threads 4");
  CHECK(next(engines) == "threads 4");
}

TEST_CASE("threads serve a disk actor for which there is no ring any more") {
  fake_system sys{.rings = 2};
  auto engines = sys.supply({.depth = 16, .engine = engine_choice::ring});
  CHECK(next(engines) == "ring 16");
  CHECK(next(engines) == "ring 16");
  CHECK(next(engines) == "threads 4");
  CHECK(in_force(engines) == "ring 16");
}

TEST_CASE("a ring that must be and is not allowed is an error") {
  fake_system sys{.rings = 0};
  try {
    sys.supply({.engine = engine_choice::ring});
    FAIL("it was accepted");
  } catch (const std::invalid_argument& why) {
    std::string text = why.what();
    for (auto word : {"engine", "kernel.io_uring_disabled", "\"auto\""}) {
      CAPTURE(word);
      CHECK(text.find(word) != std::string::npos);
    }
  }
}

TEST_CASE("threads that are chosen are as many as the depth") {
  fake_system sys;
  auto engines = sys.supply({.depth = 32, .engine = engine_choice::threads});
  CHECK(in_force(engines) == "threads 32");
  CHECK(next(engines) == "threads 32");
}

TEST_CASE("operations wait by themselves where an engine is of no use") {
  fake_system sys;
  std::vector<settings> all{
    {.depth = 1, .engine = engine_choice::ring},
    {.engine = engine_choice::plain},
    {.engine = engine_choice::ring, .disk = std::make_shared<fs::memory_vfs>()},
  };
  for (auto& bounds : all) {
    auto engines = sys.supply(std::move(bounds));
    CHECK(in_force(engines) == "plain 1");
    CHECK(next(engines) == "none");
  }
  CHECK(sys.asked.empty());
}
