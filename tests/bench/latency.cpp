// How long one operation takes on an idle queue.
#include "host.hpp"
#include "pinger.hpp"
#include "sections.hpp"
#include "statistics.hpp"
#include "workload.hpp"

#include "spindle/client.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <uv.h>

namespace bench {

namespace {

using clock = std::chrono::steady_clock;

/// How long each contestant waits before an operation.
constexpr auto pause = ping_pause;

/// Appends the microseconds since `start`.
void add_since(clock::time_point start, samples& to) {
  to.push_back(microseconds_since(start));
}

void require(bool exists) {
  if (!exists)
    throw std::runtime_error{"an unexpected answer"};
}

// -- libuv --------------------------------------------------------------------

/// Calls uv_fs_stat from the thread of a loop, a number of times.
class uv_pinger {
public:
  uv_pinger(const std::string& path, size_t count, samples& into)
      : path_(path), left_(count), into_(into) {
    uv_loop_init(&loop_);
    uv_timer_init(&loop_, &timer_);
    timer_.data = this;
    request_.data = this;
  }

  uv_pinger(const uv_pinger&) = delete;

  ~uv_pinger() {
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  void run() {
    wait();
    uv_run(&loop_, UV_RUN_DEFAULT);
    require(good_);
  }

private:
  void wait() {
    if (left_-- > 0)
      uv_timer_start(&timer_, on_timer, pause.count(), 0);
  }

  static void on_timer(uv_timer_t* timer) {
    auto& self = *static_cast<uv_pinger*>(timer->data);
    self.start_ = clock::now();
    uv_fs_stat(&self.loop_, &self.request_, self.path_.c_str(), on_stat);
  }

  static void on_stat(uv_fs_t* request) {
    auto& self = *static_cast<uv_pinger*>(request->data);
    add_since(self.start_, self.into_);
    self.good_ &= request->result == 0;
    uv_fs_req_cleanup(request);
    self.wait();
  }

  const std::string& path_;
  size_t left_;
  samples& into_;
  uv_loop_t loop_{};
  uv_timer_t timer_{};
  uv_fs_t request_{};
  clock::time_point start_;
  bool good_ = true;
};

// -- a plain thread -----------------------------------------------------------

void ping_from_thread(host& where, const std::string& path, size_t count,
                      samples& into) {
  spindle::client client{where.queue()};
  for (size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(pause);
    auto start = clock::now();
    auto exists = client.run(spindle::file_exists{.path = path});
    add_since(start, into);
    require(exists && *exists);
  }
}

void ping_from_thread(host& where, const pinged& whom, const std::string& path,
                      size_t count, samples& into) {
  cafx::scoped_actor self{where.system()};
  for (size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(pause);
    auto start = clock::now();
    auto exists = self->mail(spindle::file_exists{.path = path})
                    .request(whom, cafx::infinite)
                    .receive();
    add_since(start, into);
    require(exists && *exists);
  }
}

// -- all contestants
// --------------------------------------------------------------

struct latency_contestant {
  std::string where;
  std::string who;
  std::function<void(samples&)> run;
};

std::vector<latency_contestant> make_contestants(const options& opts,
                                                 const std::string& path) {
  auto count = opts.samples;
  std::vector<latency_contestant> res{
    {"tmpfs", "libuv", [path, count](samples& into) {
       uv_pinger{path, count, into}.run();
     }}};
  for (const auto& policy : opts.latency_policies) {
    auto where = std::make_shared<host>(
      scheduling{policy, opts.scheduler.workers}, settings_of(opts));
    res.push_back({"tmpfs", "bare actor, " + policy,
                   [=, bare = spawn_bare_disk(*where)](samples& into) {
                     ping_from_actor(where->system(), bare, path, {count},
                                     into);
                   }});
    auto chain = spawn_bare_chain(*where);
    res.push_back({"tmpfs", "bare chain, actor, " + policy, [=](samples& into) {
                     ping_from_actor(where->system(), chain, path, {count},
                                     into);
                   }});
    res.push_back(
      {"tmpfs", "bare chain, thread, " + policy, [=](samples& into) {
         ping_from_thread(*where, chain, path, count, into);
       }});
    res.push_back({"tmpfs", "Spindle, actor, " + policy, [=](samples& into) {
                     ping_from_actor(where->system(),
                                     where->queue().supervisor(), path, {count},
                                     into);
                   }});
    res.push_back({"tmpfs", "Spindle, thread, " + policy, [=](samples& into) {
                     ping_from_thread(*where, path, count, into);
                   }});
  }
  return res;
}

} // namespace

std::vector<row> measure_latency(const options& opts) {
  if (!opts.wants("latency"))
    return {};
  workload work{action::exists, opts.tmpfs, 1};
  work.prepare();
  auto all = make_contestants(opts, work.path(0));
  // All others are compared with libuv, so it stays.
  all.erase(std::remove_if(all.begin() + 1, all.end(),
                           [&](const auto& x) { return !opts.admits(x.who); }),
            all.end());
  std::vector<samples> times(all.size());
  interleave(opts.rounds, all.size(), [&](size_t i) { all[i].run(times[i]); });
  std::vector<row> res;
  using share = std::pair<std::string, double>;
  for (const auto& [name, part] : {share{"p50", 0.5}, share{"p99", 0.99}})
    for (size_t i = 0; i < all.size(); ++i) {
      auto value = quantile(times[i], part);
      res.push_back({"latency " + name, all[i].where, all[i].who, value, "us",
                     std::nullopt, value / quantile(times[0], part)});
    }
  print(res);
  return res;
}

} // namespace bench
