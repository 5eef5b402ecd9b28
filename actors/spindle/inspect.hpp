// Makes everything in fs/ sendable, from the one description that it has.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/fs/operations.hpp"

namespace spindle {

/// Inspects any struct that describes itself.
template <class Inspector, described T>
cafx::inspect_result<Inspector> inspect(Inspector& f, T& x) {
  return std::apply(
    [&](const auto&... members) {
      return cafx::inspect_members(
        f, x, T::type_name,
        cafx::member{members.name.data(), x.*members.member}...);
    },
    T::fields);
}

/// Inspects the bytes as one block.
template <class Inspector>
cafx::inspect_result<Inspector> inspect(Inspector& f, buffer& x) {
  return cafx::inspect_bytes(f, x.bytes().data(), x.size(), [&x](size_t n) {
    auto memory = buffer::allocate(n);
    auto* first = memory.get();
    x = buffer{std::move(memory), n};
    return first;
  });
}

} // namespace spindle

CAFX_ENUM(spindle, durability, durability_count)
CAFX_ENUM(spindle, write_mode, write_mode_count)
CAFX_ENUM(spindle, file_type, file_type_count)
CAFX_ERROR_ENUM(spindle, errc, "spindle", errc_count)
