#include "cli/amount_option.hpp"

#include "spindle/config/quantity.hpp"

namespace spindle::tool {

std::optional<uint64_t> size_or_bytes(const std::string& text) {
  auto digits = text.find_first_not_of("0123456789") == std::string::npos;
  return config::size_of(digits ? text + "B" : text);
}

std::optional<uint64_t> rate_of(const std::string& text) {
  return config::rate_of(text);
}

CLI::Option* add_amount_option(CLI::App& cmd, const char* name,
                               std::optional<uint64_t>& value,
                               amount_reader read, const char* example,
                               const char* text) {
  auto check = [read, example](const std::string& x) -> std::string {
    if (read(x).value_or(0) > 0)
      return {};
    return std::string{"expected an amount such as "} + example + ", found "
         + x;
  };
  auto set = [&value, read](const std::string& x) { value = read(x); };
  return cmd.add_option_function<std::string>(name, set, text)
    ->check(check)
    ->type_name(example);
}

} // namespace spindle::tool
