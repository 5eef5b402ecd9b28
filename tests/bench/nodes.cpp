// What the way to a node and back costs, against a bare pair of CAF actors that
// exchange messages of the same sizes.
#include "host.hpp"
#include "requester.hpp"
#include "sections.hpp"
#include "statistics.hpp"

#include "cafx/network.hpp"
#include "spindle/fs/rooted_vfs.hpp"
#include "spindle/node/connect.hpp"
#include "spindle/node/serve.hpp"

#include "temp_dir.hpp"

#include <array>
#include <functional>
#include <stdexcept>

namespace bench {

namespace {

constexpr size_t big = size_t{1} << 20;

spindle::buffer make_content(size_t size) {
  return spindle::buffer{std::string(size, 'x')};
}

// -- a bare pair --------------------------------------------------------------

struct bare_trait {
  using signatures
    = cafx::type_list<caf::result<bool>(spindle::file_exists),
                      caf::result<void>(spindle::file_write),
                      caf::result<spindle::buffer>(spindle::file_read)>;
};
using bare_actor = cafx::typed_actor<bare_trait>;

/// Answers at once, with messages of the sizes that a disk would answer with.
class bare_state {
public:
  explicit bare_state(cafx::self_ptr<bare_actor>) {}

  bare_actor::behavior_type make_behavior() {
    return {
      [](const spindle::file_exists&) -> caf::result<bool> { return true; },
      [](const spindle::file_write&) -> caf::result<void> { return caf::unit; },
      [this](const spindle::file_read&) -> caf::result<spindle::buffer> {
        return content_;
      },
    };
  }

private:
  spindle::buffer content_ = make_content(big);
};

// -- both sides ---------------------------------------------------------------

struct network_config : spindle::networked<> {
  explicit network_config(const scheduling& how) {
    configure(*this, how);
  }
};

/// A node and a bare actor in one system, and those who ask them in another.
class network {
public:
  network(const scheduling& how, const std::string& directory)
      : server_config_(how), client_config_(how) {
    auto disk = spindle::fs::rooted_vfs::open(
      directory, spindle::fs::access_mode::read_write);
    if (!disk)
      throw std::runtime_error{to_string(disk.error())};
    spindle::settings bounds;
    bounds.disk = std::move(*disk);
    auto served = spindle::serve(
      server_,
      {{{.name = "data"}, spindle::spawn_queue(server_, std::move(bounds))}},
      {});
    if (!served)
      throw std::runtime_error{"the node cannot listen"};
    node_.emplace(std::move(*served));
    bare_ = server_.spawn<cafx::actor_of<bare_state>>();
    auto port = cafx::publish(server_, bare_, "127.0.0.1", 0,
                              cafx::door_limits{}, false);
    auto far = spindle::connect(client_, {.port = node_->port()});
    auto bare
      = client_.middleman().remote_actor<bare_actor>("127.0.0.1", *port);
    if (!far || !bare)
      throw std::runtime_error{"the client cannot connect"};
    far_.emplace(std::move(*far));
    far_bare_ = std::move(*bare);
  }

  network(const network&) = delete;

  ~network() {
    caf::anon_send_exit(bare_, caf::exit_reason::user_shutdown);
  }

  caf::actor_system& client() {
    return client_;
  }

  spindle::supervisor_actor spindle() const {
    return far_->supervisor();
  }

  const bare_actor& bare() const {
    return far_bare_;
  }

private:
  network_config server_config_;
  caf::actor_system server_{server_config_};
  std::optional<spindle::node> node_;
  bare_actor bare_;
  network_config client_config_;
  caf::actor_system client_{client_config_};
  std::optional<spindle::remote_queue> far_;
  bare_actor far_bare_;
};

/// Compares both; returns a row for each.
template <class Make>
std::vector<row> compare(network& over, const options& opts,
                         const std::string& what, size_t count, size_t window,
                         double bytes, Make make) {
  std::array<samples, 2> times;
  interleave(opts.rounds, times.size(), [&](size_t i) {
    times[i].push_back(seconds([&] {
      if (i == 0)
        run_requests(over.client(), over.bare(), make, count, window);
      else
        run_requests(over.client(), over.spindle(), make, count, window);
    }));
  });
  auto add = [&](const char* who, const samples& xs) {
    auto rate = static_cast<double>(count) / median(xs);
    return row{what,
               "loopback",
               who,
               bytes > 0 ? rate * bytes / 1e6 : rate,
               bytes > 0 ? "MB/s" : "ops/s",
               median_ratio(times[0], xs)};
  };
  return {add("bare CAF actors", times[0]), add("Spindle", times[1])};
}

} // namespace

std::vector<row> measure_nodes(const options& opts) {
  if (!opts.wants("nodes"))
    return {};
  kit::temp_dir home{opts.tmpfs};
  network over{opts.scheduler, home.path()};
  auto content = make_content(big);
  std::vector<row> res;
  auto add = [&](std::vector<row> rows) {
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  };
  auto write = [&](size_t i) {
    return spindle::file_write{.path = "data:" + std::to_string(i % 64),
                               .data = content};
  };
  // So that there is something to look for, and to read.
  run_requests(over.client(), over.spindle(), write, 64, 1);
  add(compare(over, opts, "node exists", 20 * opts.count, 64, 0, [](size_t i) {
    return spindle::file_exists{.path = "data:" + std::to_string(i % 64)};
  }));
  add(compare(over, opts, "node write", opts.count / 2, 8, big, write));
  add(compare(over, opts, "node read", opts.count / 2, 8, big, [](size_t i) {
    return spindle::file_read{.path = "data:" + std::to_string(i % 64)};
  }));
  return res;
}

} // namespace bench
