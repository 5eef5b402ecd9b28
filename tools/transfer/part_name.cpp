#include "transfer/part_name.hpp"

#include "spindle/fs/content_hash.hpp"

#include <span>

namespace spindle::tool {

namespace {

/// Maximum of bytes from the name of the file.
constexpr size_t max_shown = 80;

/// Returns the beginning of a name. Does not split a UTF-8 character, since
/// some file systems refuse invalid UTF-8.
std::string_view shown_of(std::string_view name) {
  if (name.size() <= max_shown)
    return name;
  auto size = max_shown;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80)
    --size;
  return name.substr(0, size);
}

} // namespace

std::string part_name(std::string_view name, unsigned number) {
  fs::content_hash hash;
  hash.add(std::as_bytes(std::span{name.data(), name.size()}));
  std::string res{'.'};
  res += shown_of(name);
  res += '.' + hash.digits() + ".spindle-part";
  return number == 0 ? res : res + '-' + std::to_string(number);
}

} // namespace spindle::tool
