// Options that are sizes or rates.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Turns a text into a number, if it is one.
using amount_reader = std::optional<uint64_t> (*)(const std::string&);

/// Reads a size; a number without unit counts bytes.
std::optional<uint64_t> size_or_bytes(const std::string& text);

/// Reads a size per second.
std::optional<uint64_t> rate_of(const std::string& text);

/// Adds an option whose value `read` turns into a number greater than 0.
CLI::Option* add_amount_option(CLI::App& cmd, const char* name,
                               std::optional<uint64_t>& value,
                               amount_reader read, const char* example,
                               const char* text);

} // namespace spindle::tool
