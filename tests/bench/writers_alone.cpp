// One writer at a time: its throughput, and whether it keeps to its profile.
#include "statistics.hpp"
#include "stream.hpp"
#include "writers.hpp"

#include "temp_dir.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

namespace {

// -- throughput ---------------------------------------------------------------

/// Removes a file. Otherwise it would be truncated, and ext4 flushes a
/// truncated file when it is closed.
void start_anew(const std::string& path) {
  std::filesystem::remove(path);
}

/// Writes a stream with the fewest system calls.
void write_bare(const std::string& path, const spindle::write_data& data,
                spindle::durability level) {
  auto require = [&path](bool good) {
    if (!good)
      throw std::system_error{errno, std::generic_category(), path};
  };
  auto fd
    = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  require(fd != -1);
  off_t at = 0;
  for (const auto& block : data.blocks) {
    auto size = static_cast<ssize_t>(block.size());
    require(::pwrite(fd, block.bytes().data(), block.size(), at) == size);
    at += size;
  }
  if (level != spindle::durability::none)
    require(::fdatasync(fd) == 0);
  require(::close(fd) == 0);
}

// -- duty ---------------------------------------------------------------------

/// Keeps the processor busy in some threads.
class busy_loops {
public:
  explicit busy_loops(size_t count) {
    for (size_t i = 0; i < count; ++i)
      threads_.emplace_back([this] {
        while (!stopped_)
          ;
      });
  }

  busy_loops(const busy_loops&) = delete;

  ~busy_loops() {
    stopped_ = true;
    for (auto& one : threads_)
      one.join();
  }

private:
  std::atomic<bool> stopped_ = false;
  std::vector<std::thread> threads_;
};

/// How many busy loops there are beside a writer.
constexpr std::array<size_t, 2> loop_counts{0, 2};

/// Returns the duty of a writer that writes a whole stream.
double duty_of(host& where, const std::string& path, uint64_t bytes,
               const spindle::profile& how, size_t loops) {
  start_anew(path);
  busy_loops beside{loops};
  auto last = await(
    where, where.queue().write({.path = path,
                                .data = stream_of(bytes, how.chunk_size),
                                .profile = how.name}));
  return last.duty_pct;
}

} // namespace

std::vector<row> measure_rate(const options& opts, host& where,
                              const place& at) {
  const auto& fastest = spindle::built_in_profiles().front();
  auto data = stream_of(opts.stream_bytes, fastest.chunk_size);
  kit::temp_dir home{at.directory};
  auto path = home / "stream";
  std::vector<row> res;
  for (auto level : {spindle::durability::none, spindle::durability::data}) {
    std::array<samples, 2> times;
    interleave(opts.rounds, times.size(), [&](size_t i) {
      start_anew(path);
      times[i].push_back(seconds([&] {
        if (i == 0)
          write_bare(path, data, level);
        else
          await(where, where.queue().write({.path = path,
                                            .data = data,
                                            .profile = fastest.name,
                                            .durability = level}));
      }));
    });
    auto add = [&](std::string who, const samples& xs) {
      auto rate = static_cast<double>(opts.stream_bytes) / 1e6 / median(xs);
      res.push_back({"stream", at.name,
                     who + ", durability " + to_string(level), rate, "MB/s",
                     median_ratio(times[0], xs)});
    };
    add("pwrite, in chunks of 5 MiB", times[0]);
    add("a writer of profile 1", times[1]);
  }
  return res;
}

std::vector<row> measure_duty(const options& opts, host& where,
                              const place& at) {
  kit::temp_dir home{at.directory};
  auto path = home / "stream";
  std::vector<row> res;
  for (auto loops : loop_counts) {
    std::map<const spindle::profile*, samples> duties;
    interleave(opts.duty_rounds, spindle::built_in_profiles().size() - 1,
               [&](size_t i) {
                 const auto& how = spindle::built_in_profiles()[i + 1];
                 duties[&how].push_back(
                   duty_of(where, path, opts.stream_bytes, how, loops));
               });
    auto beside = loops == 0 ? std::string{", alone"}
                             : ", " + std::to_string(loops) + " busy loops";
    double worst = 0;
    for (const auto& [how, found] : duties) {
      auto value = median(found);
      worst = std::max(worst, std::abs(value - how->bandwidth_pct));
      res.push_back({"duty", at.name,
                     "profile " + how->name + ", "
                       + std::to_string(std::lround(how->bandwidth_pct)) + " %"
                       + beside,
                     value, "%"});
    }
    res.push_back(
      {"duty", at.name, "furthest from asked" + beside, worst, "points"});
  }
  return res;
}

} // namespace bench
