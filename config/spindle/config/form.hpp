// The TOML representation of each kind of value.
//
// A form has `read`, which returns the value, or none if it is not allowed;
// `show`, which returns TOML that `read` reads as the same value; and
// `allowed`, which describes the allowed values in error messages.
#pragma once

#include "spindle/config/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace spindle::config {

/// A whole number greater than 0 that fits into the type of the member.
template <class Number>
struct count_form;

template <>
struct count_form<uint64_t> {
  static std::optional<uint64_t> read(const value& x);
  static std::string show(uint64_t x);
  static std::string allowed();
};

template <>
struct count_form<uint32_t> {
  static std::optional<uint32_t> read(const value& x);
  static std::string show(uint32_t x);
  static std::string allowed();
};

/// A whole number of operations that may await the device at once.
struct depth_form {
  static std::optional<size_t> read(const value& x);
  static std::string show(size_t x);
  static std::string allowed();
};

/// Bytes, greater than 0.
struct size_form {
  static std::optional<uint64_t> read(const value& x);
  static std::string show(uint64_t x);
  static std::string allowed();
};

/// Bytes per second, greater than 0, or none for "unlimited".
struct rate_limit_form {
  static std::optional<std::optional<uint64_t>> read(const value& x);
  static std::string show(const std::optional<uint64_t>& x);
  static std::string allowed();
};

/// A duration; may be 0.
struct wait_form {
  static std::optional<std::chrono::nanoseconds> read(const value& x);
  static std::string show(std::chrono::nanoseconds x);
  static std::string allowed();
};

/// A duration greater than 0.
struct span_form {
  static std::optional<std::chrono::nanoseconds> read(const value& x);
  static std::string show(std::chrono::nanoseconds x);
  static std::string allowed();
};

/// A duration greater than 0, or none for "none".
struct goal_form {
  static std::optional<std::optional<std::chrono::nanoseconds>>
  read(const value& x);
  static std::string show(const std::optional<std::chrono::nanoseconds>& x);
  static std::string allowed();
};

/// A percentage, greater than 0.
struct percentage_form {
  static std::optional<double> read(const value& x);
  static std::string show(double x);
  static std::string allowed();
};

/// true or false.
struct flag_form {
  static std::optional<bool> read(const value& x);
  static std::string show(bool x);
  static std::string allowed();
};

/// A number per second, greater than 0.
struct frequency_form {
  static std::optional<double> read(const value& x);
  static std::string show(double x);
  static std::string allowed();
};

/// The number of a TCP port; 0 for any free one.
struct port_form {
  static std::optional<uint16_t> read(const value& x);
  static std::string show(uint16_t x);
  static std::string allowed();
};

/// A non-empty string.
struct text_form {
  static std::optional<std::string> read(const value& x);
  static std::string show(const std::string& x);
  static std::string allowed();
};

} // namespace spindle::config
