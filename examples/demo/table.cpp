#include "table.hpp"

#include <cstdio>

namespace demo {

namespace {

constexpr double mega = 1e6;

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
  std::printf("turns passed:          ");
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

} // namespace demo
