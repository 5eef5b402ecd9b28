#include "catch.hpp"

#include "spindle/ledger.hpp"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>

using namespace spindle;

TEST_CASE("a ledger adds up what was noted since the last look") {
  ledger notes;
  ledger_page page;
  CHECK(!notes.read(page));
  CHECK(!notes.note(delivered{.jobs = 1, .ops = 2, .bytes_written = 3}));
  CHECK(!notes.note(delivered{.jobs = 10, .ops = 20, .callbacks_threw = 1}));
  CHECK(!notes.note(disk_report{.id = 1, .taken = 4, .turns = 1}));
  CHECK(!notes.note(disk_report{.id = 2, .taken = 5, .turns = 1}));
  CHECK(!notes.note(
    disk_report{.id = 1, .ready = true, .taken = 6, .executed = 7}));
  REQUIRE(notes.read(page));
  CHECK(page.results.jobs == 11);
  CHECK(page.results.ops == 22);
  CHECK(page.results.bytes_written == 3);
  CHECK(page.results.callbacks_threw == 1);
  REQUIRE(page.reports.size() == 2);
  CHECK(page.reports[0].id == 1);
  CHECK(page.reports[0].ready);
  CHECK(page.reports[0].taken == 6);
  CHECK(page.reports[0].turns == 1);
  CHECK(page.reports[0].executed == 7);
  CHECK(page.reports[1].id == 2);
  CHECK(!page.reports[1].ready);
  SECTION("once") {
    CHECK(!notes.read(page));
  }
  SECTION("and forgets the page before") {
    CHECK(!notes.note(delivered{.jobs = 1}));
    REQUIRE(notes.read(page));
    CHECK(page.results.jobs == 1);
    CHECK(page.results.ops == 0);
    CHECK(page.reports.empty());
  }
}

TEST_CASE("a ledger has one tell the supervisor, if it waits") {
  ledger notes;
  ledger_page page;
  REQUIRE(notes.await());
  REQUIRE(notes.await());
  CHECK(notes.note(delivered{.jobs = 1}));
  CHECK(!notes.note(delivered{.jobs = 1}));
  SECTION("but not for what is there already") {
    CHECK(!notes.await());
    CHECK(!notes.note(delivered{.jobs = 1}));
  }
  SECTION("and again when all is read") {
    REQUIRE(notes.read(page));
    REQUIRE(notes.await());
    CHECK(notes.note(disk_report{.id = 1}));
  }
}

TEST_CASE("a supervisor that waits for a ledger hears of every note") {
  constexpr uint64_t count = 20'000;
  ledger notes;
  std::mutex mutex;
  std::condition_variable told;
  uint64_t calls = 0;
  auto work = [&] {
    for (uint64_t i = 0; i < count; ++i)
      if (notes.note(delivered{.jobs = 1})) {
        std::lock_guard guard{mutex};
        ++calls;
        told.notify_one();
      }
  };
  auto one = std::async(std::launch::async, work);
  auto other = std::async(std::launch::async, work);
  uint64_t seen = 0;
  uint64_t answered = 0;
  ledger_page page;
  while (seen < 2 * count) {
    while (notes.read(page))
      seen += page.results.jobs;
    if (seen == 2 * count || !notes.await())
      continue;
    std::unique_lock guard{mutex};
    REQUIRE(told.wait_for(guard, std::chrono::seconds{60},
                          [&] { return calls > answered; }));
    ++answered;
  }
  CHECK(seen == 2 * count);
  one.get();
  other.get();
  CHECK(calls - answered <= 1);
}
