// Requests to a node, compared with bare pairs of CAF actors that exchange
// messages of the same sizes, with and without a disk.
#include "loopback_node.hpp"
#include "requester.hpp"
#include "sections.hpp"
#include "statistics.hpp"

#include "cafx/network.hpp"
#include "spindle/fs/execute.hpp"

#include "temp_dir.hpp"

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace bench {

namespace {

constexpr size_t big = size_t{1} << 20;

/// Returns one of some paths in the volume.
std::string path_of_file(size_t i) {
  return std::string{loopback_node::prefix} + std::to_string(i % 64);
}

spindle::buffer make_content(size_t size) {
  return spindle::buffer{std::string(size, 'x')};
}

// -- bare pairs ---------------------------------------------------------------

struct bare_trait {
  using signatures
    = cafx::type_list<caf::result<bool>(spindle::file_exists),
                      caf::result<void>(spindle::file_write),
                      caf::result<spindle::buffer>(spindle::file_read)>;
};
using bare_actor = cafx::typed_actor<bare_trait>;

/// Answers at once, with messages as large as those of a queue.
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

/// Executes each operation at once and answers; has no queue.
class disk_state {
public:
  disk_state(cafx::self_ptr<bare_actor>, std::shared_ptr<spindle::fs::vfs> disk)
      : disk_(std::move(disk)) {}

  bare_actor::behavior_type make_behavior() {
    return {
      [this](spindle::file_exists& x) -> caf::result<bool> {
        return std::get<bool>(execute(x));
      },
      [this](spindle::file_write& x) -> caf::result<void> {
        execute(x);
        return caf::unit;
      },
      [this](spindle::file_read& x) -> caf::result<spindle::buffer> {
        return std::get<spindle::buffer>(execute(x));
      },
    };
  }

private:
  template <class Op>
  spindle::output execute(Op& op) {
    op.path.erase(0, loopback_node::prefix.size());
    return spindle::fs::execute(*disk_, std::move(op), limits_).value();
  }

  std::shared_ptr<spindle::fs::vfs> disk_;
  spindle::fs::limits limits_;
};

// -- both sides ---------------------------------------------------------------

/// Bare actors in the system of a node, and handles to them in another system.
class network {
public:
  network(const options& opts, const std::string& directory)
      : node_(opts, directory) {
    bare_ = node_.server().spawn<cafx::actor_of<bare_state>>();
    far_bare_ = reach(bare_);
    with_disk_
      = node_.server().spawn<cafx::actor_of<disk_state>, caf::detached>(
        open_volume(directory));
    far_with_disk_ = reach(with_disk_);
  }

  network(const network&) = delete;

  ~network() {
    for (const auto& one : {bare_, with_disk_})
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }

  caf::actor_system& client() {
    return node_.client();
  }

  spindle::supervisor_actor spindle() const {
    return node_.remote().supervisor();
  }

  const bare_actor& bare() const {
    return far_bare_;
  }

  const bare_actor& with_disk() const {
    return far_with_disk_;
  }

private:
  bare_actor reach(const bare_actor& what) {
    auto port = cafx::publish<caf::id_block::spindle_messages>(
      node_.server(), what, "127.0.0.1", 0, cafx::connection_limits{}, false);
    if (!port)
      throw std::runtime_error{"cannot listen for bare actors: "
                               + spindle::reason_of(port.error())};
    auto res
      = client().middleman().remote_actor<bare_actor>("127.0.0.1", *port);
    if (!res)
      throw std::runtime_error{"cannot connect to bare actors: "
                               + spindle::reason_of(res.error())};
    return std::move(*res);
  }

  loopback_node node_;
  bare_actor bare_;
  bare_actor with_disk_;
  bare_actor far_bare_;
  bare_actor far_with_disk_;
};

/// Has the same requests sent to both bare actors and to the node, and returns
/// a row for each.
template <class Make>
std::vector<row> compare(network& over, const options& opts,
                         const std::string& what, size_t count, size_t window,
                         double bytes, Make make) {
  std::array<samples, 3> times;
  interleave(opts.rounds, times.size(), [&](size_t i) {
    times[i].push_back(seconds([&] {
      if (i < 2)
        run_requests(over.client(), i == 0 ? over.bare() : over.with_disk(),
                     make, count, window);
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
  return {add("bare CAF actors", times[0]),
          add("bare CAF actors, with a disk", times[1]),
          add("Spindle", times[2])};
}

} // namespace

std::vector<row> measure_nodes(const options& opts) {
  if (!opts.wants("nodes"))
    return {};
  kit::temp_dir home{opts.tmpfs};
  network over{opts, home.path()};
  auto content = make_content(big);
  std::vector<row> res;
  auto add = [&](std::vector<row> rows) {
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  };
  auto write = [&](size_t i) {
    return spindle::file_write{.path = path_of_file(i), .data = content};
  };
  // Makes the files that the requests below look for and read.
  run_requests(over.client(), over.spindle(), write, 64, 1);
  add(compare(over, opts, "node exists", 20 * opts.count, 64, 0, [](size_t i) {
    return spindle::file_exists{.path = path_of_file(i)};
  }));
  add(compare(over, opts, "node write", opts.count / 2, 8, big, write));
  add(compare(over, opts, "node read", opts.count / 2, 8, big, [](size_t i) {
    return spindle::file_read{.path = path_of_file(i)};
  }));
  return res;
}

} // namespace bench
