#include "pinger.hpp"

#include <future>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>

namespace bench {

namespace {

struct pinger_trait {
  using signatures = cafx::type_list<
    // Requests one operation, and so many more later.
    caf::result<void>(uint64_t)>;
};
using pinger = cafx::typed_actor<pinger_trait>;

/// Requests single operations with pauses in between.
class pinger_state {
public:
  pinger_state(cafx::self_ptr<pinger> self, pinged to, std::string path,
               size_t count, std::promise<samples> done)
      : self_(self),
        to_(std::move(to)),
        path_(std::move(path)),
        count_(count),
        done_(std::move(done)) {}

  pinger::behavior_type make_behavior() {
    wait(count_ - 1);
    return {
      [this](uint64_t left) -> caf::result<void> {
        ping(left);
        return caf::unit;
      },
    };
  }

private:
  void wait(uint64_t left) {
    self_->mail(left).delay(ping_pause).send(self_);
  }

  void ping(uint64_t left) {
    auto start = std::chrono::steady_clock::now();
    self_->mail(spindle::file_exists{.path = path_})
      .request(to_, cafx::infinite)
      .then(
        [this, left, start](bool exists) {
          samples_.push_back(microseconds_since(start));
          if (left > 0 && exists)
            wait(left - 1);
          else
            end();
        },
        [this](const caf::error&) { end(); });
  }

  void end() {
    done_.set_value(std::move(samples_));
    self_->quit();
  }

  cafx::self_ptr<pinger> self_;
  pinged to_;
  std::string path_;
  size_t count_;
  std::promise<samples> done_;
  samples samples_;
};

bool exists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

/// Answers with one system call.
class bare_disk_state {
public:
  explicit bare_disk_state(cafx::self_ptr<pinged>) {}

  pinged::behavior_type make_behavior() {
    return {
      [](const spindle::file_exists& x) -> caf::result<bool> {
        return exists(x.path);
      },
    };
  }
};

struct answerer_trait {
  using signatures = cafx::type_list<caf::result<bool>(bool)>;
};
using answerer = cafx::typed_actor<answerer_trait>;

/// Answers with what it is told.
class answerer_state {
public:
  explicit answerer_state(cafx::self_ptr<answerer>) {}

  answerer::behavior_type make_behavior() {
    return {
      [](bool exists) -> caf::result<bool> { return exists; },
    };
  }
};

/// Makes one system call, and has another actor answer.
class chained_disk_state {
public:
  chained_disk_state(cafx::self_ptr<pinged> self, answerer next)
      : self_(self), next_(std::move(next)) {}

  pinged::behavior_type make_behavior() {
    return {
      [this](const spindle::file_exists& x) -> caf::result<bool> {
        return self_->mail(exists(x.path)).delegate(next_);
      },
    };
  }

private:
  cafx::self_ptr<pinged> self_;
  answerer next_;
};

/// Has another actor do what it is asked.
class front_state {
public:
  front_state(cafx::self_ptr<pinged> self, pinged next)
      : self_(self), next_(std::move(next)) {}

  pinged::behavior_type make_behavior() {
    return {
      [this](const spindle::file_exists& x) -> caf::result<bool> {
        return self_->mail(x).delegate(next_);
      },
    };
  }

private:
  cafx::self_ptr<pinged> self_;
  pinged next_;
};

} // namespace

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>{
    std::chrono::steady_clock::now() - start}
    .count();
}

pinged spawn_bare_disk(host& where) {
  return where.system().spawn<cafx::actor_of<bare_disk_state>, caf::detached>();
}

pinged spawn_bare_chain(host& where) {
  auto& sys = where.system();
  answerer last = sys.spawn<cafx::actor_of<answerer_state>>();
  pinged disk
    = sys.spawn<cafx::actor_of<chained_disk_state>, caf::detached>(last);
  return sys.spawn<cafx::actor_of<front_state>>(disk);
}

void ping_from_actor(host& where, const pinged& whom, const std::string& path,
                     size_t count, samples& into) {
  std::promise<samples> promise;
  auto done = promise.get_future();
  where.system().spawn<cafx::actor_of<pinger_state>>(whom, path, count,
                                                     std::move(promise));
  auto xs = done.get();
  if (xs.size() != count)
    throw std::runtime_error{"an unexpected answer"};
  into.insert(into.end(), xs.begin(), xs.end());
}

} // namespace bench
