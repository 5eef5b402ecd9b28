// Clients of a node for node_test.py, one command per kind.
//
// node-client once HOST:PORT VOLUME COUNT: appends a line with each number from
// 1 to COUNT to VOLUME:lines, each exactly once, even if connections break.
//
// node-client flood HOST:PORT VOLUME: sends requests as fast as it can, until
// it is killed.
//
// node-client long-flood HOST:PORT VOLUME: keeps 64 checksums of VOLUME:large
// in flight, each in a lane of its own, until it is killed.
//
// node-client join HOST:PORT VOLUME COUNT: sends COUNT join requests.
//
// node-client unexpected HOST:PORT VOLUME COUNT: sends COUNT messages that the
// node has no handler for.
//
// node-client unread HOST:PORT VOLUME COUNT: sends COUNT requests for
// VOLUME:large at once, and stops itself (SIGSTOP) at the first response. After
// SIGCONT, it prints how many responses had content.
//
// node-client latency HOST:PORT VOLUME COUNT: prints the median and the 99th
// percentile of the latency of COUNT sequential requests, in microseconds, and
// the median of how many operations of others the node did during one.
#include "spindle/client.hpp"
#include "spindle/connect.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

int fail(const caf::error& why) {
  auto known = failure_of(why);
  std::fprintf(stderr, "node-client: %s\n",
               known ? to_string(*known).c_str() : "an error of CAF");
  return 1;
}

/// Sends a request twice with the same id; repeats that while the responses are
/// `node_lost`.
caf::expected<answer> run_twice(const remote_queue& q, const operation& op) {
  cafx::scoped_actor self{q.system()};
  request_id id;
  while (id.client == 0)
    if (auto fresh
        = self->mail(next_request_id{}).request(q.connection(), 1min).receive())
      id = *fresh;
  for (;;) {
    auto first = self->mail(id, op).request(q.connection(), 1min);
    auto second = self->mail(id, op).request(q.connection(), 1min);
    auto one = std::move(first).receive();
    auto other = std::move(second).receive();
    if (one && other && *one != *other) {
      std::fputs("node-client: the responses to a repeated request differ\n",
                 stderr);
      std::_Exit(1);
    }
    auto why = one ? std::nullopt : failure_of(one.error());
    if (!why || why->code != errc::node_lost)
      return one;
  }
}

int append_once(const remote_queue& q, const std::string& volume,
                unsigned long count) {
  for (unsigned long i = 1; i <= count; ++i) {
    file_write op{.path = volume + ":lines",
                  .data = buffer{std::to_string(i) + '\n'},
                  .mode = write_mode::append};
    if (i % 10 == 0) {
      if (auto res = run_twice(q, op); !res)
        return fail(res.error());
    } else if (auto res = q.run_once(op); !res) {
      return fail(res.error());
    }
  }
  return 0;
}

/// Has 64 threads request an operation again and again.
template <class Op>
int flood(const remote_queue& q, const Op& op) {
  std::puts("flooding");
  std::fflush(stdout);
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i)
    threads.emplace_back([&] {
      client mine{q};
      for (;;)
        std::ignore = mine.run(op);
    });
  for (auto& thread : threads)
    thread.join();
  return 0;
}

int measure(const remote_queue& q, const std::string& volume,
            unsigned long count) {
  client mine{q};
  std::vector<double> times;
  std::vector<uint64_t> others;
  for (unsigned long i = 0; i < count; ++i) {
    std::this_thread::sleep_for(1ms);
    auto before = mine.status();
    if (!before)
      return fail(before.error());
    auto start = std::chrono::steady_clock::now();
    auto res = mine.run(file_exists{.path = volume + ":x"});
    if (!res)
      return fail(res.error());
    std::chrono::duration<double, std::micro> took
      = std::chrono::steady_clock::now() - start;
    auto after = mine.status();
    if (!after)
      return fail(after.error());
    times.push_back(took.count());
    others.push_back(after->succeeded - before->succeeded - 1);
  }
  std::sort(times.begin(), times.end());
  std::sort(others.begin(), others.end());
  std::printf("%.0f %.0f %ju\n", times[times.size() / 2],
              times[times.size() * 99 / 100],
              uintmax_t{others[others.size() / 2]});
  return 0;
}

/// Returns the actor that a node publishes.
node_actor look_up(caf::actor_system& sys, const node_address& where) {
  auto res = sys.middleman().remote_actor<node_actor>(where.host, where.port);
  if (!res)
    std::_Exit(fail(res.error()));
  return *res;
}

int join_often(caf::actor_system& sys, const node_address& where,
               unsigned long count) {
  auto node = look_up(sys, where);
  cafx::scoped_actor self{sys};
  for (unsigned long i = 0; i < count; ++i)
    if (auto res = self->mail(join{}).request(node, 1min).receive(); !res)
      return fail(res.error());
  return 0;
}

int send_unexpected(caf::actor_system& sys, const node_address& where,
                    unsigned long count) {
  auto node = look_up(sys, where);
  for (unsigned long i = 0; i < count; ++i)
    cafx::anon_mail(std::string{"secret"})
      .send(caf::actor_cast<caf::actor>(node));
  // Messages arrive in order: after this response, the node has got them all.
  return join_often(sys, where, 1);
}

int leave_unread(caf::actor_system& sys, const node_address& where,
                 const std::string& volume, unsigned long count) {
  auto node = look_up(sys, where);
  cafx::scoped_actor self{sys};
  auto ask = [&] {
    return self->mail(file_read{.path = volume + ":large"})
      .request(node, cafx::infinite);
  };
  std::vector<decltype(ask())> answers;
  for (unsigned long i = 0; i < count; ++i)
    answers.push_back(ask());
  unsigned long read = 0;
  for (auto& one : answers) {
    auto content = std::move(one).receive();
    if (!content && !failure_of(content.error()))
      return fail(content.error());
    read += content ? 1 : 0;
    if (&one == &answers.front())
      std::raise(SIGSTOP);
  }
  std::printf("%lu\n", read);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args{argv + 1, argv + argc};
  if (args.size() < 3)
    return 2;
  init_networked();
  networked<> cfg;
  caf::actor_system sys{cfg};
  auto colon = args[1].rfind(':');
  node_address where{
    .host = args[1].substr(0, colon),
    .port = static_cast<uint16_t>(std::stoul(args[1].substr(colon + 1)))};
  auto count = args.size() > 3 ? std::stoul(args[3]) : 0;
  if (args[0] == "join")
    return join_often(sys, where, count);
  if (args[0] == "unexpected")
    return send_unexpected(sys, where, count);
  if (args[0] == "unread")
    return leave_unread(sys, where, args[2], count);
  for (;;) {
    auto q = connect(sys, where);
    if (!q && args[0] == "once")
      continue;
    if (!q)
      return fail(q.error());
    if (args[0] == "once")
      return append_once(*q, args[2], count);
    if (args[0] == "flood")
      return flood(*q, file_exists{.path = args[2] + ":x"});
    if (args[0] == "long-flood")
      return flood(*q, file_checksum{.path = args[2] + ":large"});
    return measure(*q, args[2], count);
  }
}
