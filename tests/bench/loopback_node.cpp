#include "loopback_node.hpp"

#include "spindle/fs/posix/rooted_vfs.hpp"

#include <stdexcept>
#include <utility>

namespace bench {

spindle::fs::vfs_ptr open_volume(const std::string& directory) {
  auto res = spindle::fs::rooted_vfs::open(directory,
                                           spindle::access_mode::read_write);
  if (!res)
    throw std::runtime_error{"cannot open " + directory
                             + " as a volume: " + to_string(res.error())};
  return *std::move(res);
}

loopback_node::loopback_node(const options& opts, const std::string& directory)
    : server_config_(opts.scheduler), client_config_(opts.scheduler) {
  auto bounds = settings_of(opts);
  // As spindled has it.
  bounds.bytes_per_turn = spindle::bytes_per_turn_of_volumes;
  bounds.disk = open_volume(directory);
  local_.emplace(spindle::spawn_queue(server_, std::move(bounds)));
  auto served = spindle::serve(server_, {{{.name = "data"}, *local_}}, {});
  if (!served)
    throw std::runtime_error{"the node cannot listen: "
                             + spindle::reason_of(served.error())};
  node_.emplace(std::move(*served));
  auto connected = spindle::connect(client_, {.port = node_->port()});
  if (!connected)
    throw std::runtime_error{"the client cannot connect: "
                             + spindle::reason_of(connected.error())};
  remote_.emplace(std::move(*connected));
}

} // namespace bench
