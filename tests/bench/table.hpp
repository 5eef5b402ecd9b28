// The table of results, as text for people and as a file for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

/// One result.
struct row {
  /// What was measured, where, and who did it.
  std::string measure;
  std::string where;
  std::string who;
  double value = 0;
  std::string unit;
  /// Ratio to the bare system calls, and to libuv.
  std::optional<double> of_bare{};
  std::optional<double> of_libuv{};
  /// The most that the value should be, in the same unit.
  std::optional<double> aim{};
  /// Ratio to libuv with 64 threads. Where it is given, `of_libuv` is the ratio
  /// to one with four.
  std::optional<double> of_libuv_64{};
  /// Ratio to the program, or to the state, that the title of the table names.
  std::optional<double> of_peer{};
};

/// Prints the head of a table to stdout.
void print_head();

/// Prints what the next rows are, and a line below it.
void print_title(const std::string& text);

/// Prints rows, and a line below them, to stdout.
void print(const std::vector<row>& rows);

/// Writes rows as comma-separated values.
/// @throws std::runtime_error if that fails.
void write_csv(const std::string& path, const std::vector<row>& rows);

} // namespace bench
