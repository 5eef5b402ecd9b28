#include "catch.hpp"

#include "spindle/node/request_memory.hpp"

using namespace spindle;

namespace {

/// A memory whose limits never change.
struct memory : request_memory<int> {
  memory(size_t answers, uint64_t bytes) : most{answers, bytes} {}

  std::vector<int> finish(uint64_t sequence, remembered_answer result,
                          uint64_t size) {
    return request_memory::finish(sequence, std::move(result), size, most);
  }

  memory_limits most;
};

using verdict = memory::verdict;

remembered_answer some(bool x) {
  return answer{output{x}};
}

} // namespace

TEST_CASE("a request is run once, and repetitions get its answer") {
  memory m{10, 1000};
  CHECK(m.admit(1) == verdict::run);
  CHECK(m.admit(1) == verdict::wait);
  m.wait(1, 7);
  m.wait(1, 8);
  CHECK(m.finish(1, some(true), 1) == std::vector{7, 8});
  CHECK(m.admit(1) == verdict::answer);
  CHECK(std::get<answer>(m.answer_of(1)) == answer{output{true}});
  CHECK(m.finish(2, some(true), 1).empty());
}

TEST_CASE("a request that was refused may be repeated") {
  memory m{10, 1000};
  CHECK(m.admit(1) == verdict::run);
  m.wait(1, 7);
  CHECK(m.drop(1) == std::vector{7});
  CHECK(m.drop(1).empty());
  CHECK(m.admit(1) == verdict::run);
}

TEST_CASE("a number belongs to an operation or to a list") {
  memory m{10, 1000};
  CHECK(m.admit(1, false) == verdict::run);
  CHECK(m.admit(1, true) == verdict::mistaken);
  m.finish(1, some(true), 1);
  CHECK(m.admit(1, true) == verdict::mistaken);
  CHECK(m.admit(1, false) == verdict::answer);
}

TEST_CASE("requests that are forgotten are refused") {
  memory m{2, 1000};
  for (uint64_t i = 1; i <= 3; ++i) {
    CHECK(m.admit(i) == verdict::run);
    m.finish(i, some(true), 1);
  }
  CHECK(m.size() == 2);
  CHECK(m.admit(1) == verdict::expired);
  CHECK(m.admit(2) == verdict::answer);
  CHECK(m.admit(3) == verdict::answer);
  SECTION("also one that was never seen") {
    memory gap{1, 1000};
    CHECK(gap.admit(5) == verdict::run);
    gap.finish(5, some(true), 1);
    CHECK(gap.admit(6) == verdict::run);
    gap.finish(6, some(true), 1);
    CHECK(gap.admit(4) == verdict::expired);
  }
}

TEST_CASE("a pending request is not forgotten") {
  memory m{1, 1000};
  for (uint64_t i = 1; i <= 3; ++i)
    CHECK(m.admit(i) == verdict::run);
  CHECK(m.admit(1) == verdict::wait);
  m.finish(3, some(true), 1);
  m.finish(2, some(true), 1);
  CHECK(m.admit(3) == verdict::answer);
  m.finish(1, some(true), 1);
  CHECK(m.size() == 1);
  CHECK(m.admit(2) == verdict::expired);
  CHECK(m.admit(3) == verdict::answer);
}

TEST_CASE("answers are forgotten while older requests are pending") {
  memory m{10, 100};
  CHECK(m.admit(1) == verdict::run);
  m.wait(1, 7);
  SECTION("if they are too many") {
    for (uint64_t i = 2; i <= 100; ++i) {
      CHECK(m.admit(i) == verdict::run);
      m.finish(i, some(true), 1);
      CHECK(m.size() <= 11);
    }
    CHECK(m.admit(90) == verdict::expired);
    CHECK(m.admit(91) == verdict::answer);
  }
  SECTION("if they take too much memory") {
    for (uint64_t i = 2; i <= 100; ++i) {
      CHECK(m.admit(i) == verdict::run);
      m.finish(i, some(true), 40);
      CHECK(m.size() <= 3);
    }
    CHECK(m.admit(98) == verdict::expired);
    CHECK(m.admit(99) == verdict::answer);
  }
  // The one that is pending is not forgotten, whatever comes after it.
  CHECK(m.admit(1) == verdict::wait);
  CHECK(m.finish(1, some(true), 1) == std::vector{7});
  CHECK(m.admit(100) == verdict::answer);
}

TEST_CASE("other limits of a memory hold from the next answer on") {
  memory m{1, 1000};
  auto run = [&m](uint64_t i) {
    CHECK(m.admit(i) == verdict::run);
    m.finish(i, some(true), 10);
  };
  run(1);
  m.most.answers = 3;
  run(2);
  run(3);
  CHECK(m.admit(1) == verdict::answer);
  m.most.bytes = 20;
  run(4);
  CHECK(m.admit(2) == verdict::expired);
  CHECK(m.admit(3) == verdict::answer);
}

TEST_CASE("answers that take too much memory are forgotten early") {
  memory m{10, 100};
  CHECK(m.admit(1) == verdict::run);
  m.finish(1, some(true), 60);
  CHECK(m.admit(2) == verdict::run);
  m.finish(2, some(true), 60);
  CHECK(m.admit(1) == verdict::expired);
  CHECK(m.admit(2) == verdict::answer);
  CHECK(m.admit(3) == verdict::run);
  m.finish(3, some(true), 101);
  CHECK(m.admit(3) == verdict::expired);
}
