#include "table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

namespace demo {

namespace {

constexpr double mega = 1e6;

/// Columns of a bar for 100 %.
constexpr size_t bar_width = 16;

/// Returns a bar for `share`, a value from 0 to 1, with a resolution of an
/// eighth of a column.
std::string bar(double share) {
  static constexpr const char* parts[]
    = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  auto eighths = static_cast<size_t>(
    std::lround(std::clamp(share, 0.0, 1.0) * bar_width * 8));
  std::string res;
  for (size_t i = 0; i < eighths / 8; ++i)
    res += "█";
  res += parts[eighths % 8];
  // Padded here, because printf would count bytes instead of columns.
  res.append(bar_width - (eighths + 7) / 8, ' ');
  return res;
}

void print_computations(const balance& what, double most) {
  auto score = what.computations_per_s();
  std::printf(" %12ju %8.0f %s\n", uintmax_t{what.computations()}, score,
              bar(score / most).c_str());
}

/// Returns the greatest value of any profile.
template <class Fun>
double most_of(const std::vector<balance>& all, Fun value) {
  double res = 0;
  for (const auto& x : all)
    res = std::max(res, value(x));
  return res;
}

} // namespace

void print(const original& tree) {
  std::printf("%s: %zu files, %zu directories, %zu links, %.1f MB\n",
              tree.root.c_str(), tree.files, tree.directories, tree.links,
              static_cast<double>(tree.bytes) / mega);
  if (tree.limited)
    std::puts("  (the tree has more; --files and --megabytes set the limits)");
  if (tree.left_out > 0)
    std::printf("  (without %zu entries that are unreadable or special)\n",
                tree.left_out);
}

void print_head() {
  std::printf("\n%-42s %10s %8s %8s %8s %9s\n", "through the queue",
              "operations", "failed", "MB", "seconds", "ops/s");
}

void print(const row& what) {
  std::printf("%-42s %10zu %8zu %8.1f %8.2f %9.0f\n", what.name.c_str(),
              what.operations, what.failed,
              static_cast<double>(what.bytes) / mega, what.seconds,
              static_cast<double>(what.operations) / what.seconds);
  std::fflush(stdout);
}

void print(const spindle::queue_status& totals) {
  std::printf("\noperations done:        %ju, of which failed: %ju\n",
              uintmax_t{totals.succeeded + totals.failed},
              uintmax_t{totals.failed});
  std::printf("turns used:            ");
  for (auto turns : totals.turns)
    std::printf(" %ju", uintmax_t{turns});
  std::printf(" (by each disk actor)\n");
  std::printf("mean unit:              %.1f operations\n", totals.mean_unit);
  std::printf("peak queue:             %ju operations\n",
              uintmax_t{totals.high_water});
}

void print(const findings& what) {
  std::printf("\nchecked with plain system calls: %zu files (%.1f MB, byte by "
              "byte), %zu directories,\n%zu links, and %zu entries deleted; "
              "%.2f seconds\n",
              what.files, static_cast<double>(what.bytes) / mega,
              what.directories, what.links, what.deleted, what.seconds);
}

void print(const std::vector<balance>& all, const balance& alone,
           uint64_t bytes) {
  auto rate = [](const balance& x) { return x.bytes_per_s(); };
  auto score = [](const balance& x) { return x.computations_per_s(); };
  auto fastest = most_of(all, rate);
  auto most = std::max(most_of(all, score), score(alone));
  auto width = static_cast<int>(bar_width);
  std::printf(
    "\nbackground writers: in each of %zu rounds, two files of %.0f MB, "
    "each by a chain of four\nwriters, while %u threads compute "
    "(medians of the rounds)\n\n",
    alone.rounds.size(), static_cast<double>(bytes) / mega / experiment::files,
    std::max(std::thread::hardware_concurrency(), 1U));
  std::printf("%7s %6s %6s %8s %6s %*s %12s %8s\n", "profile", "asked", "duty",
              "seconds", "MB/s", width, "", "computations", "per s");
  std::printf("%7s %6s %6s %8.1f %6s %*s", "none", "", "", alone.seconds(), "",
              width, "");
  print_computations(alone, most);
  for (const auto& x : all) {
    std::printf("%7s %4.0f %% %4.0f %% %8.1f %6.0f %s", x.profile.name.c_str(),
                x.profile.bandwidth_pct, x.duty_pct(), x.seconds(),
                rate(x) / mega, bar(rate(x) / fastest).c_str());
    print_computations(x, most);
  }
}

} // namespace demo
