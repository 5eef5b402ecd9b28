#include "spindle/fs/posix/ring_engine.hpp"

#ifdef SPINDLE_HAS_RING

#  include "spindle/fs/posix/posix_call.hpp"

#  include <algorithm>
#  include <atomic>
#  include <bit>
#  include <cerrno>
#  include <chrono>
#  include <cstdint>
#  include <deque>
#  include <limits>
#  include <thread>
#  include <tuple>
#  include <utility>
#  include <variant>
#  include <vector>

#  include <liburing.h>
#  include <poll.h>
#  include <sys/eventfd.h>
#  include <unistd.h>

namespace spindle::fs::posix {

namespace {

// -- requests -----------------------------------------------------------------

/// Returns whether the ring can make the request as `run` would.
bool is_for_ring(const kernel_request& request) {
  // Larger offsets are EINVAL for pread(2), but the largest has a meaning for
  // the ring: the position of the file.
  if (auto* read = std::get_if<read_request>(&request))
    return std::in_range<int64_t>(read->offset);
  return !std::holds_alternative<std::monostate>(request);
}

void write_entry(io_uring_sqe* entry, const read_request& from) {
  // No read transfers more; the ring has only 32 bits for the size.
  constexpr size_t most = 0x7ffff000;
  auto size = static_cast<unsigned>(std::min(from.into.size(), most));
  io_uring_prep_read(entry, from.descriptor, from.into.data(), size,
                     from.offset);
}

void write_entry(io_uring_sqe* entry, const sync_request& from) {
  io_uring_prep_fsync(entry, from.descriptor,
                      from.data_only ? IORING_FSYNC_DATASYNC : 0);
}

void write_entry(io_uring_sqe* entry, const open_request& from) {
  // The kernel does not change it.
  io_uring_prep_openat2(entry, from.base, from.path,
                        const_cast<open_how*>(from.how));
}

/// Writes a request into an entry of the submission queue.
void write_entry(io_uring_sqe* entry, const kernel_request& from) {
  if (auto* read = std::get_if<read_request>(&from))
    write_entry(entry, *read);
  else if (auto* sync = std::get_if<sync_request>(&from))
    write_entry(entry, *sync);
  else if (auto* open = std::get_if<open_request>(&from))
    write_entry(entry, *open);
}

/// Returns whether a result says that the ring cannot make the request, or was
/// stopped, so that the call itself may still succeed.
bool may_succeed_without(int outcome) {
  switch (-outcome) {
    case EAGAIN:
    case EINTR:
    case ECANCELED:
    case EINVAL:
    case EOPNOTSUPP:
    case ENOSYS:
      return true;
    default:
      return false;
  }
}

// -- the ring -----------------------------------------------------------------

/// Owns a ring of the kernel. Which thread uses it may change, so the flags for
/// rings of one thread, which are faster, do not apply.
class kernel_ring {
public:
  /// @param entries how many requests can be written before the kernel takes
  ///                them; twice as many completions fit.
  explicit kernel_ring(unsigned entries) {
    params_.flags = IORING_SETUP_CLAMP;
    error_ = io_uring_queue_init_params(entries, &ring_, &params_);
  }

  kernel_ring(const kernel_ring&) = delete;

  kernel_ring& operator=(const kernel_ring&) = delete;

  ~kernel_ring() {
    if (error_ == 0)
      io_uring_queue_exit(&ring_);
  }

  /// Returns whether it exists and can make each `kernel_request`.
  bool is_usable() {
    // Before Linux 5.12, calls that wait were made by threads of the kernel
    // that did not belong to this process.
    return error_ == 0 && (params_.features & IORING_FEAT_NODROP) != 0
        && (params_.features & IORING_FEAT_NATIVE_WORKERS) != 0
        && has_operations();
  }

  /// Lets the kernel use as many threads for calls that wait. Otherwise it uses
  /// few if there are few processors.
  void allow_threads(unsigned count) {
    // The threads belong to the calling thread, and so to all of its rings:
    // never lower the limits, which are for files and for everything else.
    unsigned limits[2] = {0, 0};
    if (io_uring_register_iowq_max_workers(&ring_, limits) != 0)
      return;
    for (auto& limit : limits)
      limit = std::max(limit, count);
    std::ignore = io_uring_register_iowq_max_workers(&ring_, limits);
  }

  io_uring* get() {
    return &ring_;
  }

private:
  bool has_operations() {
    auto* probe = io_uring_get_probe_ring(&ring_);
    if (!probe)
      return false;
    auto has_all = true;
    for (auto operation : {IORING_OP_READ, IORING_OP_FSYNC, IORING_OP_OPENAT2,
                           IORING_OP_POLL_ADD})
      has_all = has_all && io_uring_opcode_supported(probe, operation) != 0;
    io_uring_free_probe(probe);
    return has_all;
  }

  io_uring ring_{};
  io_uring_params params_{};
  int error_ = 0;
};

// -- the engine ---------------------------------------------------------------

class liburing_engine final : public ring_engine {
public:
  explicit liburing_engine(size_t depth);

  liburing_engine(const liburing_engine&) = delete;

  liburing_engine& operator=(const liburing_engine&) = delete;

  ~liburing_engine() override;

  /// Prepares the ring; must be called before anything else.
  /// @returns false if the kernel does not allow the ring.
  bool open();

  engine_kind kind() const noexcept override {
    return engine_kind::ring;
  }

  size_t depth() const noexcept override {
    return places_.size();
  }

  bool has_failed() const noexcept override {
    return has_failed_;
  }

  void start(device_call& call) override;

  void wait(std::vector<device_call*>& done) override;

  void poll(std::vector<device_call*>& done) override;

  void interrupt() noexcept override;

private:
  /// A call for the ring.
  struct job {
    device_call* call = nullptr;
    kernel_request request{};
    /// Whether the kernel must not try first to make it without waiting.
    bool in_thread = false;
  };

  /// Marks a completion that is none of a place, but of the poll of `wakeup_`.
  static constexpr uint32_t wakeup_mark = std::numeric_limits<uint32_t>::max();

  bool is_in_kernel() const noexcept {
    return free_.size() < places_.size();
  }

  /// Gives waiting jobs and the poll of `wakeup_` to the kernel, waits for
  /// `least` completions, and takes those that are there. May return early.
  void advance(unsigned least) noexcept;

  // -- submission -------------------------------------------------------------

  /// Moves waiting jobs to free places.
  void fill_places() noexcept;

  /// Writes the request of a place into the submission queue, which always has
  /// room: it has an entry for each place and for the poll.
  void prepare(uint32_t place) noexcept;

  void prepare_wakeup() noexcept;

  io_uring_sqe* next_entry(uint32_t mark) noexcept;

  void enter(unsigned least) noexcept;

  /// Returns to `advance` a little later, or fails if the kernel refuses too
  /// often.
  void back_off() noexcept;

  // -- completion -------------------------------------------------------------

  void take_completions() noexcept;

  void take_completion(uint32_t mark, int outcome) noexcept;

  void take_wakeup(int outcome) noexcept;

  /// Makes the call of a place in this thread.
  void run(uint32_t place) noexcept;

  /// Passes the call of a place on to `done_`.
  void release(uint32_t place) noexcept;

  /// Appends calls that are done.
  void return_done(std::vector<device_call*>& to);

  /// From now on, makes all calls in this thread, beginning with those that the
  /// kernel did not take. Those that it took end by themselves.
  void fail() noexcept;

  /// Wakes `wait`. Closed after the ring.
  descriptor wakeup_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  kernel_ring ring_;
  /// Jobs in the submission queue or in the kernel.
  std::vector<job> places_;
  std::vector<uint32_t> free_;
  /// What the submission queue contains, in its order.
  std::vector<uint32_t> prepared_;
  /// Jobs without a place.
  std::deque<job> waiting_;
  /// Calls that are done; has room for all that were started.
  std::vector<device_call*> done_;
  /// How many calls were started and not returned.
  size_t outstanding_ = 0;
  /// How often in a row the kernel refused for a lack of memory.
  int refusals_ = 0;
  /// Whether the poll of `wakeup_` is in the submission queue or the kernel.
  bool is_polled_ = false;
  bool has_failed_ = false;
  /// Set before `wakeup_` is written, and tested after that was read.
  std::atomic<bool> is_interrupted_ = false;
};

liburing_engine::liburing_engine(size_t depth)
    : ring_(std::bit_ceil(static_cast<unsigned>(depth) + 1)), places_(depth) {
  free_.reserve(depth);
  prepared_.reserve(depth + 1);
  for (auto place = depth; place > 0; --place)
    free_.push_back(static_cast<uint32_t>(place - 1));
}

liburing_engine::~liburing_engine() {
  while (is_in_kernel() || !waiting_.empty())
    advance(1);
}

bool liburing_engine::open() {
  if (wakeup_.get() == -1 || !ring_.is_usable())
    return false;
  ring_.allow_threads(static_cast<unsigned>(depth()));
  // A sandbox may refuse only to enter the ring.
  advance(0);
  return !has_failed_;
}

void liburing_engine::start(device_call& call) {
  if (done_.capacity() <= outstanding_)
    done_.reserve(2 * outstanding_ + 1);
  auto request = call.describe();
  auto is_for_kernel = !has_failed_ && is_for_ring(request);
  if (is_for_kernel)
    waiting_.push_back({&call, request});
  ++outstanding_;
  if (is_for_kernel)
    return;
  call.run();
  done_.push_back(&call);
}

void liburing_engine::wait(std::vector<device_call*>& done) {
  for (;;) {
    auto waits = outstanding_ > 0 && done_.empty() && !is_interrupted_;
    advance(waits ? 1 : 0);
    auto is_interrupted = is_interrupted_.exchange(false);
    if (is_interrupted || outstanding_ == 0 || !done_.empty())
      return return_done(done);
  }
}

void liburing_engine::poll(std::vector<device_call*>& done) {
  advance(0);
  return_done(done);
}

void liburing_engine::interrupt() noexcept {
  constexpr uint64_t one = 1;
  if (!is_interrupted_.exchange(true))
    std::ignore = ::write(wakeup_.get(), &one, sizeof(one));
}

void liburing_engine::advance(unsigned least) noexcept {
  if (!has_failed_) {
    fill_places();
    if (!is_polled_)
      prepare_wakeup();
    auto has_completions = io_uring_cq_ready(ring_.get()) > 0;
    if (least > 0 || !prepared_.empty())
      enter(has_completions ? 0 : least);
  } else if (least > 0 && io_uring_cq_ready(ring_.get()) == 0) {
    // The kernel completes what it took when this thread makes a system call.
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  take_completions();
}

// -- submission ---------------------------------------------------------------

void liburing_engine::fill_places() noexcept {
  while (!waiting_.empty() && !free_.empty()) {
    auto place = free_.back();
    free_.pop_back();
    places_[place] = waiting_.front();
    waiting_.pop_front();
    prepare(place);
  }
}

void liburing_engine::prepare(uint32_t place) noexcept {
  auto& from = places_[place];
  auto* entry = next_entry(place);
  write_entry(entry, from.request);
  entry->user_data = place;
  if (from.in_thread)
    entry->flags |= IOSQE_ASYNC;
}

void liburing_engine::prepare_wakeup() noexcept {
  auto* entry = next_entry(wakeup_mark);
  io_uring_prep_poll_add(entry, wakeup_.get(), POLLIN);
  entry->user_data = wakeup_mark;
  is_polled_ = true;
}

io_uring_sqe* liburing_engine::next_entry(uint32_t mark) noexcept {
  prepared_.push_back(mark);
  return io_uring_get_sqe(ring_.get());
}

void liburing_engine::enter(unsigned least) noexcept {
  auto outcome = io_uring_submit_and_wait(ring_.get(), least);
  if (outcome >= 0) {
    prepared_.erase(prepared_.begin(), prepared_.begin() + outcome);
    refusals_ = 0;
  } else if (outcome == -EAGAIN || outcome == -EBUSY) {
    back_off();
  } else if (outcome != -EINTR) {
    fail();
  }
}

void liburing_engine::back_off() noexcept {
  constexpr int most = 1000;
  if (++refusals_ == most)
    return fail();
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

// -- completion ---------------------------------------------------------------

void liburing_engine::take_completions() noexcept {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* found = nullptr;
  io_uring_for_each_cqe(ring_.get(), head, found) {
    ++count;
    take_completion(static_cast<uint32_t>(found->user_data), found->res);
  }
  io_uring_cq_advance(ring_.get(), count);
}

void liburing_engine::take_completion(uint32_t mark, int outcome) noexcept {
  if (mark == wakeup_mark)
    return take_wakeup(outcome);
  auto& from = places_[mark];
  // The project's files are non-blocking, and for some file systems, the kernel
  // refuses to let them wait, unless in its threads.
  if (outcome == -EAGAIN && !from.in_thread && !has_failed_) {
    from.in_thread = true;
    return prepare(mark);
  }
  if (may_succeed_without(outcome))
    return run(mark);
  from.call->take_result(outcome);
  release(mark);
}

void liburing_engine::take_wakeup(int outcome) noexcept {
  is_polled_ = false;
  uint64_t count = 0;
  std::ignore = ::read(wakeup_.get(), &count, sizeof(count));
  // The poll is cancelled if the thread that passed it on ends.
  if (outcome < 0 && outcome != -ECANCELED && !has_failed_)
    fail();
}

void liburing_engine::run(uint32_t place) noexcept {
  places_[place].call->run();
  release(place);
}

void liburing_engine::release(uint32_t place) noexcept {
  done_.push_back(places_[place].call);
  free_.push_back(place);
}

void liburing_engine::return_done(std::vector<device_call*>& to) {
  to.insert(to.end(), done_.begin(), done_.end());
  outstanding_ -= done_.size();
  done_.clear();
}

void liburing_engine::fail() noexcept {
  has_failed_ = true;
  for (auto mark : prepared_) {
    if (mark != wakeup_mark)
      run(mark);
  }
  prepared_.clear();
  for (auto& next : waiting_) {
    next.call->run();
    done_.push_back(next.call);
  }
  waiting_.clear();
}

} // namespace

std::unique_ptr<ring_engine> ring_engine::make(size_t depth) {
  auto res = std::make_unique<liburing_engine>(std::min(depth, max_depth));
  if (!res->open())
    return nullptr;
  return res;
}

} // namespace spindle::fs::posix

#else

namespace spindle::fs::posix {

std::unique_ptr<ring_engine> ring_engine::make(size_t) {
  return nullptr;
}

} // namespace spindle::fs::posix

#endif
