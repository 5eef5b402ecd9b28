// Faults come when planned, and only then.

#include "catch.hpp"

#include "spindle/fs/testing/fault_plan.hpp"

#include <atomic>
#include <cerrno>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace spindle::fs;

namespace {

/// Makes a call.
/// @returns the errno(3) that it fails with, or 0.
int call(fault_plan& plan, call_kind kind = call_kind::stat) {
  return plan.begin_call(kind, "f").value_or(0);
}

} // namespace

TEST_CASE("names of kinds of calls are different") {
  std::set<std::string> names;
  for (size_t i = 0; i < call_kind_count; ++i)
    names.insert(to_string(static_cast<call_kind>(i)));
  CHECK(names.size() == call_kind_count);
  CHECK(to_string(call_kind::open) == "open");
  CHECK(to_string(call_kind::sync_directory) == "sync_directory");
}

TEST_CASE("calls are counted by their kind, failed ones included") {
  fault_plan plan;
  plan.fail(call_kind::stat, 1, EIO);
  call(plan);
  call(plan);
  call(plan, call_kind::open);
  CHECK(plan.calls(call_kind::stat) == 2);
  CHECK(plan.calls(call_kind::open) == 1);
  CHECK(plan.calls(call_kind::read) == 0);
  CHECK(plan.calls() == 3);
}

TEST_CASE("the n-th call fails, and no other") {
  fault_plan plan;
  call(plan);
  plan.fail(call_kind::stat, 3, EIO);
  plan.fail(call_kind::stat, 5, EACCES);
  std::vector<int> found;
  for (int i = 0; i < 6; ++i) {
    CHECK(call(plan, call_kind::open) == 0);
    found.push_back(call(plan));
  }
  CHECK(found == std::vector<int>{0, 0, EIO, 0, EACCES, 0});
}

TEST_CASE("the n-th call of any kind fails") {
  fault_plan plan;
  call(plan);
  plan.fail_any(2, EIO);
  CHECK(call(plan, call_kind::open) == 0);
  CHECK(call(plan, call_kind::write) == EIO);
  CHECK(call(plan, call_kind::write) == 0);
}

TEST_CASE("all calls of a kind fail until cleared") {
  fault_plan plan;
  plan.fail_all(call_kind::stat, EIO);
  CHECK(call(plan) == EIO);
  CHECK(call(plan) == EIO);
  CHECK(call(plan, call_kind::open) == 0);
  plan.clear();
  CHECK(call(plan) == 0);
  CHECK(plan.calls(call_kind::stat) == 3);
}

TEST_CASE("clearing cancels faults for single calls, and the limit") {
  fault_plan plan;
  plan.fail(call_kind::stat, 1, EIO);
  plan.fail_any(1, EIO);
  plan.limit_transfers(2);
  plan.clear();
  CHECK(call(plan) == 0);
  CHECK(plan.limited(3) == 3);
}

TEST_CASE("a limit cuts what is longer, and lets one byte through") {
  fault_plan plan;
  CHECK(plan.limited(SIZE_MAX) == SIZE_MAX);
  plan.limit_transfers(2);
  CHECK(plan.limited(3) == 2);
  CHECK(plan.limited(1) == 1);
  CHECK(plan.limited(0) == 0);
  plan.limit_transfers(0);
  CHECK(plan.limited(3) == 1);
}

TEST_CASE("an observer sees each call, also one that fails") {
  fault_plan plan;
  plan.fail(call_kind::stat, 1, EIO);
  std::vector<std::pair<call_kind, std::string>> seen;
  plan.observe([&](call_kind kind, const std::string& path) {
    seen.emplace_back(kind, path);
  });
  plan.begin_call(call_kind::stat, "a");
  plan.begin_call(call_kind::open, "b");
  plan.observe({});
  plan.begin_call(call_kind::open, "c");
  CHECK(seen
        == std::vector<std::pair<call_kind, std::string>>{
          {call_kind::stat, "a"}, {call_kind::open, "b"}});
}

TEST_CASE("an observer may plan faults, but not for the call it sees") {
  fault_plan plan;
  plan.observe([&](call_kind kind, const std::string&) {
    if (plan.calls() == 1)
      plan.fail(kind, 1, EIO);
  });
  CHECK(call(plan) == 0);
  CHECK(call(plan) == EIO);
  CHECK(call(plan) == 0);
}

TEST_CASE("calls from several threads are all counted") {
  fault_plan plan;
  plan.fail(call_kind::stat, 1500, EIO);
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round)
        failed += call(plan) == EIO ? 1 : 0;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(failed == 1);
  CHECK(plan.calls(call_kind::stat) == 4000);
}
