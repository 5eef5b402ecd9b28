#include "place.hpp"

#include "config_option.hpp"
#include "exit_code.hpp"
#include "queue_disk.hpp"

#include "spindle/client.hpp"
#include "spindle/module.hpp"

#include <csignal>
#include <utility>

namespace spindle::tool {

namespace {

struct place_config : configured<> {};

} // namespace

class place::impl {
public:
  explicit impl(settings bounds)
      : sys_(cfg_),
        queue_(spawn_queue(sys_, std::move(bounds))),
        client_(queue_, cafx::infinite),
        disk_(client_) {}

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
  place_config cfg_;
  caf::actor_system sys_;
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
}

int work_at(const place_options& options,
            const std::function<int(place&)>& use) {
  auto all = load_config(options.config_file);
  if (!all)
    return exit_bad_input;
  // Whoever writes notices by himself that nobody reads any more.
  std::signal(SIGPIPE, SIG_IGN);
  init();
  auto bounds = std::move(all->queue);
  bounds.profiles = std::move(all->profiles);
  place here{std::make_unique<place::impl>(std::move(bounds))};
  return use(here);
}

} // namespace spindle::tool
