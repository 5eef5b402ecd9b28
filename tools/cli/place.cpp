#include "cli/place.hpp"

#include "cli/config_option.hpp"
#include "cli/disk_path.hpp"
#include "cli/disk_system.hpp"
#include "cli/exit_code.hpp"
#include "cli/interruption.hpp"
#include "cli/queue_disk.hpp"

#include "spindle/client.hpp"

#include <cerrno>
#include <csignal>
#include <utility>
#include <variant>

namespace spindle::tool {

class place::impl {
  /// A disk that starts no further operation after a signal.
  class stoppable_disk final : public disk_access {
  public:
    stoppable_disk(const disk_system& system, spindle::client& through,
                   const interruption* stop)
        : system_(system), disk_(through), stop_(stop) {}

    pending_answer start(operation what) override {
      // Incomplete files are removed nevertheless.
      if (!stop_ || !stop_->requested()
          || std::holds_alternative<file_delete>(what))
        return disk_.start(std::move(what));
      failure why{.code = errc::cancelled,
                  .operation = std::string{name_of(what)},
                  .path = path_of(what),
                  .sys_errno = ECANCELED};
      return [why]() -> answer { return tl::unexpected{why}; };
    }

    bool has_volumes() const override {
      return disk_.has_volumes();
    }

    attempt<void> reconnect() override {
      if (auto made = system_.reconnect(); !made)
        return tl::unexpected{failure_from(made.error())};
      return {};
    }

    void show_on(operation_line* line) {
      disk_.show_on(line);
    }

  private:
    const disk_system& system_;
    queue_disk disk_;
    const interruption* stop_;
  };

public:
  impl(const disk_system& system, spindle::queue q,
       std::vector<profile> profiles, const interruption* stop)
      : queue_(std::move(q)),
        profiles_(std::move(profiles)),
        client_(queue_, cafx::infinite),
        disk_(system, client_, stop) {}

  const spindle::queue& queue() const {
    return queue_;
  }

  spindle::client& client() {
    return client_;
  }

  stoppable_disk& disk() {
    return disk_;
  }

  const std::vector<profile>& profiles() const {
    return profiles_;
  }

private:
  spindle::queue queue_;
  std::vector<profile> profiles_;
  spindle::client client_;
  stoppable_disk disk_;
};

place::place(std::unique_ptr<impl> content) : content_(std::move(content)) {}

place::~place() = default;

const spindle::queue& place::queue() const {
  return content_->queue();
}

spindle::client& place::client() {
  return content_->client();
}

const std::vector<profile>& place::profiles() const {
  return content_->profiles();
}

disk_access& place::disk() {
  return content_->disk();
}

void place::show_on(operation_line* line) {
  content_->disk().show_on(line);
}

void add_place_options(CLI::App& cmd, place_options& options) {
  add_config_option(cmd, options.config_file);
  add_connect_options(cmd, options.connect);
}

int work_at(const place_options& options, const std::function<int(place&)>& use,
            interruption* stop) {
  auto all = load_config(options.config_file);
  if (!all)
    return exit_bad_input;
  // A write to a closed pipe fails with EPIPE instead.
  std::signal(SIGPIPE, SIG_IGN);
  use_volumes(options.connect.is_remote());
  auto system = disk_system::make(options.connect);
  if (!system)
    return exit_bad_input;
  auto bounds = std::move(all->queue);
  auto profiles = bounds.profiles;
  if (stop)
    bounds.disk = stop->disk();
  // Operations may depend on those before, so none may be lost between them.
  auto opened = system->open(std::move(bounds), after_loss::fail);
  if (!opened)
    return exit_failed;
  place here{std::make_unique<place::impl>(*system, *std::exchange(opened, {}),
                                           std::move(profiles), stop)};
  return use(here);
}

} // namespace spindle::tool
