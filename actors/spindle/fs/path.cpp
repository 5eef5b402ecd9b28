#include "spindle/fs/path.hpp"

#include <cerrno>

namespace spindle::fs {

namespace {

bool is_special(const std::string& name) {
  return name.empty() || name == "." || name == "..";
}

location split(const std::string& path) {
  auto whole = without_slash(path);
  auto slash = whole.rfind('/');
  auto name = slash == std::string::npos ? whole : whole.substr(slash + 1);
  return {parent_of(path), std::move(name)};
}

} // namespace

attempt<location> locate(const std::string& path) {
  if (path.empty())
    return failed(ENOENT, path);
  auto res = split(path);
  if (is_special(res.name))
    return refused(errc::invalid_argument, path,
                   "the path must end in a name other than . and ..");
  return res;
}

attempt<location> locate_file(const std::string& path) {
  if (path.empty())
    return failed(ENOENT, path);
  auto res = split(path);
  if (path.back() == '/' || is_special(res.name))
    return failed(EISDIR, path,
                  "a path that ends in /, . or .. names a directory");
  return res;
}

std::string parent_of(const std::string& path) {
  auto whole = without_slash(path);
  auto slash = whole.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return without_slash(whole.substr(0, slash + 1));
}

std::string without_slash(const std::string& path) {
  auto last = path.find_last_not_of('/');
  if (last == std::string::npos)
    return path.substr(0, 1);
  return path.substr(0, last + 1);
}

std::string joined(const std::string& parent, const std::string& name) {
  if (parent == ".")
    return name;
  return parent.back() == '/' ? parent + name : parent + '/' + name;
}

std::string behind_link(const std::string& link, const std::string& text) {
  return text.starts_with('/') ? text : joined(parent_of(link), text);
}

} // namespace spindle::fs
