#include "catch.hpp"

#include "spindle/node/client_account.hpp"

using namespace spindle;
using namespace std::literals;

namespace {

const auto start = client_account::time_point{} + 1h;

std::string why(const std::optional<failure>& x) {
  if (!x)
    return "";
  CHECK(x->code == errc::limit_exceeded);
  return x->detail;
}

} // namespace

TEST_CASE("each limit of a client is named when it is reached") {
  node_limits limits;
  limits.max_ops = 3;
  limits.max_bytes = 100;
  limits.max_message_bytes = 60;
  limits.max_writers = 1;
  client_account one;
  CHECK(why(one.admit(limits, 2, 50, 0, start)).empty());
  CHECK(why(one.admit(limits, 2, 0, 0, start))
        == "max_ops of each client is 3");
  CHECK(why(one.admit(limits, 1, 51, 0, start))
        == "max_bytes of each client is 100");
  CHECK(why(one.admit(limits, 1, 61, 0, start))
        == "max_message_bytes of each client is 60");
  CHECK(why(one.admit(limits, 1, 50, 0, start)).empty());
  one.release(2, 50);
  CHECK(why(one.admit(limits, 2, 50, 0, start)).empty());
  CHECK(why(one.admit_writer(limits, 0, 0, start)).empty());
  CHECK(why(one.admit_writer(limits, 0, 0, start))
        == "max_writers of each client is 1");
  one.release_writer(0);
  CHECK(why(one.admit_writer(limits, 0, 0, start)).empty());
}

TEST_CASE("requests are limited to a rate") {
  node_limits limits;
  limits.max_requests_per_second = 10;
  client_account one;
  auto admitted = [&](client_account::time_point now) {
    auto res = 0;
    while (why(one.admit(limits, 0, 0, 0, now)).empty())
      ++res;
    return res;
  };
  CHECK(admitted(start) == 10);
  CHECK(admitted(start + 50ms) == 0);
  CHECK(admitted(start + 500ms) == 5);
  CHECK(admitted(start + 1h) == 10);
  CHECK(why(one.admit(limits, 0, 0, 0, start + 1h))
        == "max_requests_per_second of each client is 10");
}

TEST_CASE("an account is idle a minute after the last request") {
  node_limits limits;
  client_account one;
  CHECK(!one.admit(limits, 1, 0, 0, start));
  CHECK(!one.idle(start + 1h));
  one.release(1, 0);
  CHECK(!one.idle(start + 59s));
  CHECK(one.idle(start + 61s));
}
