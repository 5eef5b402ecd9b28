// The tables of a connection, without actors.
#include "catch.hpp"

#include "spindle/node/pending_requests.hpp"
#include "spindle/node/submissions.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace spindle;

namespace {

/// Notes which requests were sent, and which have failed.
struct request_log {
  pending_request request(const std::string& path) {
    return {[this](failure why) { failures.push_back(std::move(why)); },
            {.operation = "file_exists", .path = path}};
  }

  auto sender(const std::string& path) {
    return [this, path] { sent.push_back(path); };
  }

  std::vector<std::string> sent;
  std::vector<failure> failures;
  pending_requests all;
};

const failure lost_link{.code = errc::node_lost, .detail = "it broke"};

std::shared_ptr<job> job_for(operation op,
                             std::function<void(const outcome&)> fun) {
  return std::make_shared<job>(ticket{}, std::move(op),
                               local_callback{std::move(fun)});
}

} // namespace

TEST_CASE("requests that wait for the link are sent in their order") {
  request_log f;
  CHECK(f.all.empty());
  f.all.wait(f.sender("a"), f.request("a"));
  f.all.wait(f.sender("b"), f.request("b"));
  CHECK(!f.all.empty());
  f.all.send_waiting();
  CHECK(f.sent == std::vector<std::string>{"a", "b"});
  CHECK(f.all.empty());
  f.all.send_waiting();
  CHECK(f.sent.size() == 2);
}

TEST_CASE("a request has one response") {
  request_log f;
  auto first = f.all.add(f.request("a"));
  auto second = f.all.add(f.request("b"));
  CHECK(first != second);
  auto one = f.all.take(first);
  REQUIRE(one);
  CHECK(one->what.path == "a");
  CHECK(!f.all.take(first));
  CHECK(!f.all.empty());
  CHECK(f.all.take(second));
  CHECK(f.all.empty());
}

TEST_CASE("all pending requests fail with what they asked for") {
  request_log f;
  auto number = f.all.add(f.request("sent"));
  f.all.wait(f.sender("waiting"), f.request("waiting"));
  f.all.add({[&](failure) {
    // What follows a failure is a new request.
    f.all.wait(f.sender("new"), f.request("new"));
  }});
  std::vector<undone> undone;
  f.all.add_undone(undone);
  CHECK(undone
        == std::vector<spindle::undone>{{{}, "file_exists", "waiting", false},
                                        {{}, "file_exists", "sent", true}});
  f.all.fail_all(lost_link);
  REQUIRE(f.failures.size() == 2);
  CHECK(f.failures[0].path == "waiting");
  CHECK(f.failures[1].path == "sent");
  for (const auto& why : f.failures) {
    CHECK(why.code == errc::node_lost);
    CHECK(why.operation == "file_exists");
  }
  CHECK(!f.all.take(number));
  f.all.send_waiting();
  CHECK(f.sent == std::vector<std::string>{"new"});
}

TEST_CASE("a failure that names what it is about keeps that") {
  request_log f;
  auto one = f.request("list");
  fail(one, {.code = errc::not_found, .operation = "stat", .path = "entry"});
  REQUIRE(f.failures.size() == 1);
  CHECK(f.failures[0].operation == "stat");
  CHECK(f.failures[0].path == "entry");
}

TEST_CASE("so many requests wait for the link, and no more") {
  request_log f;
  for (size_t i = 1; i < pending_requests::max_waiting; ++i)
    f.all.wait([] { FAIL("the link is not up"); }, {[](failure) {}});
  CHECK(f.all.has_room());
  f.all.wait([] { FAIL("the link is not up"); }, {[](failure) {}});
  CHECK(!f.all.has_room());
  f.all.fail_all(lost_link);
  CHECK(f.all.has_room());
}

TEST_CASE("the callback of a submission is called once") {
  submissions all;
  std::vector<outcome> heard;
  auto hear = [&](const outcome& x) { heard.push_back(x); };
  all.add(ticket{1}, job_for(file_exists{.path = "v:a"}, hear), {});
  all.add(ticket{2}, job_for(file_exists{.path = "v:b"}, hear), {});
  CHECK(!all.finish(outcome{ticket{3}, file_exists{}, output{true}}));
  CHECK(heard.empty());
  CHECK(
    all.finish(outcome{ticket{1}, file_exists{.path = "v:a"}, output{true}}));
  CHECK(!all.finish(outcome{ticket{1}, file_exists{}, output{true}}));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].get<bool>());
  std::vector<undone> undone;
  all.add_undone(undone);
  CHECK(
    undone
    == std::vector<spindle::undone>{{ticket{2}, "file_exists", "v:b", true}});
  all.fail_all(lost_link);
  CHECK(all.empty());
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].ticket == ticket{2});
  CHECK(path_of(heard[1].op) == "v:b");
  REQUIRE(!heard[1].result);
  CHECK(heard[1].result.error().code == errc::node_lost);
  CHECK(heard[1].result.error().path == "v:b");
}

TEST_CASE("submissions count the callbacks that throw") {
  submissions all;
  all.add(ticket{1},
          job_for(file_exists{.path = "v:a"},
                  [](const outcome&) {
                    throw std::runtime_error{"thrown on purpose"};
                  }),
          {});
  CHECK(all.finish(outcome{ticket{1}, file_exists{}, output{true}}));
  CHECK(all.callbacks_threw() == 1);
}
