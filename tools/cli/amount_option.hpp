// Options that are sizes or rates.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Parses a text; returns nothing if it is not an amount.
using amount_reader = std::optional<uint64_t> (*)(const std::string&);

/// Parses a size; a number without unit counts bytes.
std::optional<uint64_t> size_or_bytes(const std::string& text);

/// Parses a rate in bytes per second, for instance "20MiB/s".
std::optional<uint64_t> rate_of(const std::string& text);

/// Adds an option whose value `read` parses into a number greater than 0.
CLI::Option* add_amount_option(CLI::App& cmd, const char* name,
                               std::optional<uint64_t>& value,
                               amount_reader read, const char* example,
                               const char* text);

} // namespace spindle::tool
