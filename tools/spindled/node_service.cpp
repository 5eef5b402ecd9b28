#include "spindled/node_service.hpp"

#include "cli/exit_code.hpp"

#include "spindle/client.hpp"
#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/fs/sweep.hpp"
#include "spindle/node/connection.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace spindle::tool {

namespace {

using namespace std::literals;
using config::log_level;

/// Maximum number of incomplete operations that are logged for each volume.
constexpr size_t max_undone_lines = 100;

log_level level_of(const node_event& x) {
  if (x.name == "died")
    return log_level::error;
  return x.name == "refused" || x.name == "cut_off" ? log_level::warning
                                                    : log_level::info;
}

bool same(const tls_files& x, const tls_files& y) {
  return x.certificate == y.certificate && x.key == y.key
      && x.authorities == y.authorities;
}

bool same(const config::volume_section& x, const config::volume_section& y) {
  return x.name == y.name && x.root == y.root && x.access == y.access
      && x.must_be_mount == y.must_be_mount
      && x.special_permissions == y.special_permissions;
}

} // namespace

settings settings_of_volumes(const config::configuration& from) {
  auto res = from.queue;
  if (!from.origins.contains("queue.bytes_per_turn"))
    res.bytes_per_turn = bytes_per_turn_of_volumes;
  // The output of a read must fit into one message.
  res.max_read_bytes
    = std::min(res.max_read_bytes, from.node.limits.max_message_bytes);
  return res;
}

node_service::node_service(config::configuration all) : all_(std::move(all)) {
  log_.level(all_.node.node.log_level);
  observe_unexpected([this](std::string_view actor) { on_unexpected(actor); });
}

node_service::~node_service() {
  observe_unexpected(nullptr);
}

// -- start --------------------------------------------------------------------

std::optional<std::string> node_service::start() {
  const auto& listen = all_.node.listen;
  try {
    if (listen.has_tls())
      config_.use_tls(listen.tls);
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  system_.emplace(config_);
  for (const auto& volume : all_.node.volumes)
    if (auto why = open(volume, volumes_))
      return why;
  auto served
    = serve(*system_, volumes_, {listen.address, listen.port, listen.has_tls()},
            all_.node.limits, [this](const node_event& x) { on_event(x); });
  if (!served)
    return to_string(failure_of(served.error()).value());
  node_.emplace(std::move(*served));
  for (const auto& volume : volumes_)
    log_engine(volume);
  return std::nullopt;
}

std::optional<std::string>
node_service::open(const config::volume_section& from,
                   std::vector<served_volume>& to) {
  auto observer = [this, name = from.name](const std::optional<failure>& why) {
    if (why)
      log_.write(log_level::error, "volume_lost",
                 {{"volume", name}, {"reason", to_string(*why)}});
    else
      log_.write(log_level::warning, "volume_back", {{"volume", name}});
  };
  auto disk = fs::rooted_vfs::open(from.root, from.access,
                                   {from.must_be_mount, observer});
  if (!disk)
    return "volume " + from.name + ": " + to_string(disk.error());
  if (from.access == access_mode::read_write)
    sweep(from, **disk);
  disks_.push_back({from, *disk});
  auto bounds = settings_of_volumes(all_);
  bounds.disk = std::move(*disk);
  to.push_back({{from.name, from.access == access_mode::read_only},
                spawn_queue(*system_, std::move(bounds))});
  to.back().special_permissions = from.special_permissions;
  return std::nullopt;
}

void node_service::log_engine(const served_volume& volume) {
  client owner{volume.disk, cafx::infinite};
  if (auto now = owner.status())
    log_.write(log_level::info, "volume_opened",
               {{"volume", volume.info.name},
                {"engine", to_string(now->engine)},
                {"depth", std::to_string(now->depth)}});
}

void node_service::sweep(const config::volume_section& what, fs::vfs& disk) {
  auto swept = fs::sweep_leftovers(disk);
  if (swept.done > 0 || !swept.entries.empty())
    log_.write(log_level::info, "swept",
               {{"volume", what.name},
                {"removed", std::to_string(swept.done)},
                {"left", std::to_string(swept.entries.size())}});
}

// -- events -------------------------------------------------------------------

void node_service::on_event(const node_event& x) {
  log_.write(level_of(x), x.name, x.details);
  if (x.name != "died")
    return;
  log_.flush(1s);
  std::_Exit(exit_failed);
}

void node_service::on_unexpected(std::string_view actor) {
  std::lock_guard guard{unexpected_mutex_};
  auto now = std::chrono::steady_clock::now();
  if (auto others = unexpected_.admit("unexpected", now))
    log_.write(
      log_level::warning, "unexpected",
      {{"actor", std::string{actor}}, {"others", std::to_string(*others)}});
}

std::string node_service::address() const {
  return to_string(node_address{all_.node.listen.address, node_->port()});
}

// -- reload -------------------------------------------------------------------

std::vector<std::string>
node_service::reload(const config::configuration& other) {
  auto& now = all_.node;
  auto fresh = other;
  auto& then = fresh.node;
  std::vector<std::string> res;
  if (now.listen.address != then.listen.address
      || now.listen.port != then.listen.port
      || !same(now.listen.tls, then.listen.tls))
    res.emplace_back("listen");
  auto both = [](const auto& x, const auto& y) { return same(x, y); };
  if (!std::equal(now.volumes.begin(), now.volumes.end(), then.volumes.begin(),
                  then.volumes.end(), both))
    res.emplace_back("volumes");
  if (now.limits.max_connections != then.limits.max_connections)
    res.emplace_back("limits.max_connections");
  if (now.limits.max_message_bytes != then.limits.max_message_bytes)
    res.emplace_back("limits.max_message_bytes");
  if (now.limits.max_handshakes != then.limits.max_handshakes)
    res.emplace_back("limits.max_handshakes");
  if (now.limits.max_unfinished_bytes != then.limits.max_unfinished_bytes)
    res.emplace_back("limits.max_unfinished_bytes");
  if (all_.queue.depth != fresh.queue.depth)
    res.emplace_back("queue.depth");
  if (all_.queue.engine != fresh.queue.engine)
    res.emplace_back("queue.engine");
  // Values that need a restart stay, since other settings are derived from
  // them.
  then.listen = now.listen;
  then.volumes = now.volumes;
  then.limits.max_connections = now.limits.max_connections;
  then.limits.max_message_bytes = now.limits.max_message_bytes;
  then.limits.max_handshakes = now.limits.max_handshakes;
  then.limits.max_unfinished_bytes = now.limits.max_unfinished_bytes;
  fresh.queue.depth = all_.queue.depth;
  fresh.queue.engine = all_.queue.engine;
  for (const auto& volume : volumes_)
    volume.disk.apply(settings_of_volumes(fresh));
  for (const auto& volume : disks_)
    open_anew(volume);
  node_->apply(then.limits);
  log_.level(then.node.log_level);
  all_ = std::move(fresh);
  return res;
}

void node_service::open_anew(const offered& volume) {
  const auto& what = volume.what;
  auto is_other = volume.disk->open_anew();
  if (!is_other) {
    log_.write(
      log_level::error, "volume_lost",
      {{"volume", what.name}, {"reason", to_string(is_other.error())}});
    return;
  }
  if (!*is_other)
    return;
  log_.write(log_level::warning, "volume_opened_anew",
             {{"volume", what.name}, {"root", what.root}});
  if (what.access == access_mode::read_only)
    return;
  if (auto found = fs::rooted_vfs::open(what.root, what.access))
    sweep(what, **found);
}

// -- stop ---------------------------------------------------------------------

bool node_service::stop() {
  using clock = std::chrono::steady_clock;
  auto end = clock::now() + all_.node.node.drain_timeout;
  node_->close();
  auto complete = true;
  for (const auto& volume : volumes_) {
    client owner{volume.disk, cafx::infinite};
    auto left = std::max<caf::timespan>(end - clock::now(), caf::timespan{0});
    auto last = owner.shutdown(left);
    complete &= last && last->undone.empty();
    if (last)
      log_undone(volume.info.name, last->undone);
  }
  node_.reset();
  volumes_.clear();
  disks_.clear();
  return complete;
}

void node_service::log_undone(const std::string& volume,
                              const std::vector<undone>& what) {
  auto told = std::min(what.size(), max_undone_lines);
  for (size_t i = 0; i < told; ++i)
    log_.write(log_level::error, "undone",
               {{"volume", volume},
                {"operation", what[i].operation},
                {"path", what[i].path}});
  if (told < what.size())
    log_.write(
      log_level::error, "undone",
      {{"volume", volume}, {"others", std::to_string(what.size() - told)}});
}

} // namespace spindle::tool
