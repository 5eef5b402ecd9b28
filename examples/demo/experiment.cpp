#include "experiment.hpp"

#include "computing.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <thread>

namespace demo {

namespace {

using namespace std::literals;
using clock = std::chrono::steady_clock;

constexpr uint64_t mebi = uint64_t{1} << 20;
constexpr auto all_writers = experiment::files * experiment::writers_per_file;

/// Offset between the data of a writer and that of the previous one. A prime
/// number, so that a chunk in the wrong place never equals the right one.
constexpr size_t shift = 4099;

/// Intended duration of a round with the fastest profile. The slowest one, at
/// 20 % for each of two files, takes two to three times as long.
constexpr double fastest_s = 0.2;

/// Bounds for the size of the data of each writer.
constexpr auto smallest = 8 * mebi;
constexpr auto largest = 32 * mebi;

/// Size of the data of each writer while `choose_size` measures.
constexpr auto usual = 16 * mebi;

constexpr auto without_writers = 500ms;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>{clock::now() - start}.count();
}

template <class Fun>
double median_of(const std::vector<sample>& rounds, Fun value) {
  std::vector<double> xs;
  std::transform(rounds.begin(), rounds.end(), std::back_inserter(xs), value);
  auto middle = xs.begin() + static_cast<ptrdiff_t>(xs.size() / 2);
  std::nth_element(xs.begin(), middle, xs.end());
  return *middle;
}

spindle::buffer random_bytes(size_t size) {
  std::mt19937_64 numbers;
  auto memory = spindle::buffer::allocate(size);
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    auto number = numbers();
    std::memcpy(memory.get() + i, &number, std::min(sizeof number, size - i));
  }
  return {std::move(memory), size};
}

} // namespace

// -- results ------------------------------------------------------------------

double balance::seconds() const {
  double res = 0;
  for (const auto& x : rounds)
    res += x.seconds;
  return res;
}

uint64_t balance::computations() const {
  uint64_t res = 0;
  for (const auto& x : rounds)
    res += x.computations;
  return res;
}

double balance::duty_pct() const {
  return median_of(rounds, [](const sample& x) { return x.duty_pct; });
}

double balance::bytes_per_s() const {
  return median_of(rounds, [](const sample& x) {
    return static_cast<double>(x.bytes) / x.seconds;
  });
}

double balance::computations_per_s() const {
  return median_of(rounds, [](const sample& x) {
    return static_cast<double>(x.computations) / x.seconds;
  });
}

// -- constructors, destructors, and assignment operators ----------------------

experiment::experiment(spindle::queue disk, std::string directory)
    : disk_(std::move(disk)), directory_(std::move(directory)) {}

// -- the size -----------------------------------------------------------------

uint64_t experiment::choose_size() {
  // The first round is slower than later ones, so take the fastest of three.
  constexpr int attempts = 3;
  set_size(usual * all_writers);
  auto seconds = std::numeric_limits<double>::max();
  for (int i = 0; i < attempts; ++i)
    seconds
      = std::min(seconds, run(spindle::built_in_profiles().front()).seconds);
  auto wanted = static_cast<double>(usual) * fastest_s / seconds;
  auto bytes = std::clamp(static_cast<uint64_t>(wanted), smallest, largest);
  set_size(bytes * all_writers);
  return bytes * all_writers;
}

void experiment::set_size(uint64_t bytes) {
  bytes_per_writer_ = std::max(bytes / all_writers, uint64_t{1});
  bytes_ = random_bytes(bytes_per_writer_ + writers_per_file * shift);
}

// -- running ------------------------------------------------------------------

sample experiment::just_compute() {
  auto start = clock::now();
  computing meanwhile;
  std::this_thread::sleep_for(without_writers);
  sample res;
  res.computations = meanwhile.stop();
  res.seconds = seconds_since(start);
  return res;
}

// Removes the files of the previous round only now, so that the new files reuse
// their memory at once. A virtual machine may return free memory to its host,
// and getting it back can take longer than writing the files.
sample experiment::run(const spindle::profile& how) {
  sample res;
  std::vector<std::string> paths;
  for (size_t i = 0; i < files; ++i) {
    paths.push_back(directory_ + "/written-" + std::to_string(i));
    std::filesystem::remove(paths.back());
  }
  std::vector<spindle::writer_actor> writers;
  auto start = clock::now();
  computing meanwhile;
  for (const auto& path : paths)
    start_chain(path, how.name, writers);
  for (const auto& writer : writers) {
    auto last = await(writer);
    res.bytes += last.written;
    res.duty_pct += last.duty_pct / all_writers;
  }
  res.computations = meanwhile.stop();
  res.seconds = seconds_since(start);
  for (const auto& path : paths)
    check(path);
  return res;
}

void experiment::start_chain(
  const std::string& path, const std::string& profile,
  std::vector<spindle::writer_actor>& writers) const {
  spindle::writer_actor before;
  for (size_t i = 0; i < writers_per_file; ++i) {
    auto mode
      = i == 0 ? spindle::write_mode::truncate : spindle::write_mode::append;
    before = disk_.write({.path = path,
                          .mode = mode,
                          .data = data_of(i),
                          .profile = profile,
                          .chain_after = before});
    writers.push_back(before);
  }
}

spindle::writer_status experiment::await(const spindle::writer_actor& writer) {
  cafx::scoped_actor self{disk_.system()};
  // Fails if the writer has ended already; the queue remembers the result.
  self->mail(spindle::await_writer{}).request(writer, cafx::infinite).receive();
  auto last = self->mail(spindle::recall_writer{writer})
                .request(disk_.supervisor(), cafx::infinite)
                .receive();
  if (!last) {
    problems_.emplace_back("the queue does not remember a writer");
    return {};
  }
  if (last->error)
    problems_.push_back(to_string(*last->error));
  return *last;
}

// -- checking -----------------------------------------------------------------

void experiment::check(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::vector<char> found(mebi);
  for (size_t i = 0; i < writers_per_file; ++i) {
    auto expected = data_of(i);
    while (!expected.empty()) {
      auto part = expected.slice(0, found.size()).text();
      in.read(found.data(), static_cast<std::streamsize>(part.size()));
      if (!in || part != std::string_view{found.data(), part.size()}) {
        problems_.push_back("content differs from the written data: " + path);
        return;
      }
      expected = expected.slice(part.size(), expected.size());
    }
  }
  if (in.peek() != std::ifstream::traits_type::eof())
    problems_.push_back("longer than the written data: " + path);
}

spindle::buffer experiment::data_of(size_t i) const {
  return bytes_.slice(i * shift, bytes_per_writer_);
}

} // namespace demo
