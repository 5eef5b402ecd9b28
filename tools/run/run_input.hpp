// Lines of a file, pipe or terminal, as they come.
#pragma once

#include "cli/stop.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::tool {

/// One line of input.
struct input_line {
  /// Counted from 1.
  uint64_t number = 0;
  /// Without the line break; empty if the line is too long. Valid until the
  /// next line is asked for.
  std::string_view text;
  bool too_long = false;
};

/// Reads lines, and no further than needed.
class line_source {
public:
  /// Reads from `descriptor` until `stop` is requested. Neither is owned.
  line_source(int descriptor, const stop_event& stop, size_t max_line_bytes);

  /// Waits for the next line; none at the end of the input, or when it is time
  /// to stop. The last line may lack its line break.
  /// @throws std::system_error if the input cannot be read.
  std::optional<input_line> next();

private:
  /// Takes the line that ends at `end`, and what separates it from the next.
  input_line take(size_t end, size_t separator);

  /// Waits for more bytes; returns whether there are any.
  bool fill();

  /// Waits until there may be something to read.
  void wait() const;

  int descriptor_;
  const stop_event& stop_;
  size_t max_line_bytes_;
  std::string buffer_;
  /// Where the next line begins.
  size_t begin_ = 0;
  /// Up to where there is no line break.
  size_t scanned_ = 0;
  uint64_t lines_ = 0;
  /// Whether bytes of the next line were dropped.
  bool dropping_ = false;
  bool ended_ = false;
};

} // namespace spindle::tool
