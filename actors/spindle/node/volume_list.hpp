// The volumes of a node, by name.
#pragma once

#include "spindle/ops/attempt.hpp"
#include "spindle/serve.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace spindle {

/// The volumes of a node. Does not change.
class SPINDLE_EXPORT volume_list {
public:
  /// @param all not empty; the names differ.
  explicit volume_list(std::vector<served_volume> all) : all_(std::move(all)) {}

  /// Returns the index of the volume with this name. Without a name, any volume
  /// will do: a list without operations names none.
  /// @returns `errc::not_found` if there is none.
  attempt<size_t> find(const std::string& name) const;

  const served_volume& operator[](size_t index) const {
    return all_[index];
  }

  const std::vector<served_volume>& all() const {
    return all_;
  }

private:
  std::vector<served_volume> all_;
};

} // namespace spindle
