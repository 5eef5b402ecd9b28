#include "spindle/fs/posix/posix_object.hpp"

#include <array>
#include <atomic>
#include <string_view>

#include <sys/xattr.h>

namespace spindle::fs::posix {

namespace {

constexpr auto unchanged_id = static_cast<uint32_t>(-1);

/// Calls `read(memory, size)`, which fails with ERANGE if `size` is too small.
template <class Read>
result<std::string> read_sized(Read read) {
  std::array<char, 1024> little;
  auto size = uninterrupted([&] { return read(little.data(), little.size()); });
  if (size >= 0)
    return std::string{little.data(), static_cast<size_t>(size)};
  if (errno != ERANGE)
    return fail(errno);
  // Linux limits values and lists of attributes to 64 KiB.
  std::string much(64 * 1024, '\0');
  size = uninterrupted([&] { return read(much.data(), much.size()); });
  if (size == -1)
    return fail(errno);
  much.resize(static_cast<size_t>(size));
  return much;
}

/// Splits a list of NUL-terminated names.
result<std::vector<std::string>> split(const result<std::string>& names) {
  // A file system without attributes has no names.
  if (!names && names.error() == EOPNOTSUPP)
    return std::vector<std::string>{};
  if (!names)
    return fail(names.error());
  std::vector<std::string> res;
  for (auto rest = std::string_view{*names}; !rest.empty();) {
    auto end = rest.find('\0');
    res.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return res;
}

} // namespace

namespace object {

uint64_t next_order() noexcept {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

result<void> set_permissions(int number, uint32_t permissions) {
  return status(uninterrupted([&] { return ::fchmod(number, permissions); }));
}

result<void> set_owner(int number, const file_owner& owner) {
  return status(uninterrupted([&] {
    return ::fchownat(number, "", owner.user.value_or(unchanged_id),
                      owner.group.value_or(unchanged_id), AT_EMPTY_PATH);
  }));
}

result<std::vector<std::string>> attribute_names(int number) {
  return split(read_sized(
    [&](char* into, size_t size) { return ::flistxattr(number, into, size); }));
}

result<std::string> attribute(int number, const std::string& name) {
  if (has_nul(name))
    return fail(EINVAL);
  return read_sized([&](char* into, size_t size) {
    return ::fgetxattr(number, name.c_str(), into, size);
  });
}

result<void> set_attribute(int number, const std::string& name,
                           const std::string& value) {
  if (has_nul(name))
    return fail(EINVAL);
  return status(uninterrupted([&] {
    return ::fsetxattr(number, name.c_str(), value.data(), value.size(), 0);
  }));
}

result<void> remove_attribute(int number, const std::string& name) {
  if (has_nul(name))
    return fail(EINVAL);
  return status(
    uninterrupted([&] { return ::fremovexattr(number, name.c_str()); }));
}

} // namespace object

// -- open_link ----------------------------------------------------------------
// The system calls for attributes do not accept O_PATH descriptors, so use the
// path in /proc. It leads to the symbolic link itself, which is not followed.

result<std::vector<std::string>> open_link::attribute_names() {
  return split(read_sized([&](char* into, size_t size) {
    return ::listxattr(path_to(number()).c_str(), into, size);
  }));
}

result<std::string> open_link::attribute(const std::string& name) {
  if (has_nul(name))
    return fail(EINVAL);
  return read_sized([&](char* into, size_t size) {
    return ::getxattr(path_to(number()).c_str(), name.c_str(), into, size);
  });
}

result<void> open_link::set_attribute(const std::string& name,
                                      const std::string& value) {
  if (has_nul(name))
    return fail(EINVAL);
  return status(uninterrupted([&] {
    return ::setxattr(path_to(number()).c_str(), name.c_str(), value.data(),
                      value.size(), 0);
  }));
}

result<void> open_link::remove_attribute(const std::string& name) {
  if (has_nul(name))
    return fail(EINVAL);
  return status(uninterrupted(
    [&] { return ::removexattr(path_to(number()).c_str(), name.c_str()); }));
}

} // namespace spindle::fs::posix
