// Serializes the structs of ops/ and message/ by their `fields`.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/ops/operations.hpp"

#include <cstddef>

namespace spindle {

/// Levels of nested lists, and of reports of lists, in a message from another
/// node. Deserialization fails at the next level, because each takes stack.
inline constexpr size_t max_message_depth = 512;

/// A struct that may hold others of its own type.
template <class T>
concept self_nesting = requires {
  T::max_nesting;
};

namespace detail {

/// The level that this thread is deserializing.
inline thread_local size_t read_depth = 0;

/// Enters a level, and leaves it on destruction.
struct read_level {
  read_level() {
    ++read_depth;
  }

  read_level(const read_level&) = delete;

  ~read_level() {
    --read_depth;
  }
};

template <class Inspector, described T>
cafx::inspect_result<Inspector> inspect_fields(Inspector& f, T& x) {
  return std::apply(
    [&](const auto&... members) {
      return cafx::inspect_members(
        f, x, T::type_name,
        cafx::member{members.name.data(), x.*members.member}...);
    },
    T::fields);
}

} // namespace detail

/// Inspects any struct that has `fields`.
template <class Inspector, described T>
cafx::inspect_result<Inspector> inspect(Inspector& f, T& x) {
  if constexpr (self_nesting<T> && cafx::reads_values<Inspector>) {
    detail::read_level level;
    if (detail::read_depth > T::max_nesting)
      return cafx::refuse_value(f);
    return detail::inspect_fields(f, x);
  } else {
    return detail::inspect_fields(f, x);
  }
}

/// Inspects an answer: whether the operation succeeded, and then its output or
/// the failure.
template <class Inspector>
cafx::inspect_result<Inspector> inspect(Inspector& f, answer& x) {
  return cafx::inspect_expected(f, x, "answer");
}

/// Inspects the bytes as one block: element by element would be slow.
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
