#include "place.hpp"

#include "config_option.hpp"
#include "disk_path.hpp"
#include "disk_system.hpp"
#include "exit_code.hpp"
#include "queue_disk.hpp"

#include "spindle/client.hpp"

#include <csignal>
#include <utility>

namespace spindle::tool {

class place::impl {
public:
  explicit impl(spindle::queue q)
      : queue_(std::move(q)), client_(queue_, cafx::infinite), disk_(client_) {}

  const spindle::queue& queue() const {
    return queue_;
  }

  spindle::client& client() {
    return client_;
  }

  disk_access& disk() {
    return disk_;
  }

private:
  spindle::queue queue_;
  spindle::client client_;
  queue_disk disk_;
};

place::place(std::unique_ptr<impl> content) : content_(std::move(content)) {}

place::~place() = default;

const spindle::queue& place::queue() const {
  return content_->queue();
}

spindle::client& place::client() {
  return content_->client();
}

disk_access& place::disk() {
  return content_->disk();
}

void add_place_options(CLI::App& cmd, place_options& options) {
  add_config_option(cmd, options.config_file);
  add_connect_options(cmd, options.connect);
}

int work_at(const place_options& options,
            const std::function<int(place&)>& use) {
  auto all = load_config(options.config_file);
  if (!all)
    return exit_bad_input;
  // Whoever writes notices by himself that nobody reads any more.
  std::signal(SIGPIPE, SIG_IGN);
  use_volumes(options.connect.is_remote());
  auto system = disk_system::make(options.connect);
  if (!system)
    return exit_bad_input;
  auto bounds = std::move(all->queue);
  bounds.profiles = std::move(all->profiles);
  auto opened = system->open(std::move(bounds));
  if (!opened)
    return exit_failed;
  place here{std::make_unique<place::impl>(*std::exchange(opened, {}))};
  return use(here);
}

} // namespace spindle::tool
