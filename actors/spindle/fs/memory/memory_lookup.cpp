#include "spindle/fs/memory/memory_lookup.hpp"

#include "spindle/fs/path.hpp"

#include <algorithm>
#include <cerrno>

namespace spindle::fs::memory {

namespace {

/// Removes the first component, and the slashes behind it, from the path.
std::string_view take_component(std::string_view& path) {
  auto component = path.substr(0, path.find('/'));
  path.remove_prefix(component.size());
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return component;
}

} // namespace

result<spot> lookup::find_place(node_ptr base, std::string_view path) {
  if (path.find('\0') != std::string_view::npos)
    return fail(EINVAL);
  if (path.empty())
    return fail(ENOENT);
  if (path.size() > max_path)
    return fail(ENAMETOOLONG);
  spot where{std::move(base), "", path.back() == '/'};
  if (path.front() == '/') {
    where.directory = root_;
    take_component(path);
  }
  while (!path.empty()) {
    where.name = take_component(path);
    if (path.empty())
      break;
    auto next = resolve(where, true);
    if (!next)
      return fail(next.error());
    if ((*next)->type != file_type::directory)
      return fail(ENOTDIR);
    where.directory = std::move(*next);
  }
  return where;
}

result<spot> lookup::follow_link(const spot& where, const node& link) {
  if (links_++ == max_links)
    return fail(ELOOP);
  return find_place(where.directory, link.target);
}

result<node_ptr> lookup::find(node_ptr base, std::string_view path,
                              bool follow) {
  auto where = find_place(std::move(base), path);
  if (!where)
    return fail(where.error());
  return resolve(*where, follow);
}

result<node_ptr> lookup::find_child(const spot& where) const {
  if (where.name.empty() || where.name == ".")
    return where.directory;
  if (where.name == "..") {
    if (auto parent = where.directory->parent.lock())
      return parent;
    return fail(ENOENT);
  }
  if (where.directory->links == 0)
    return fail(ENOENT);
  if (where.name.size() > max_name)
    return fail(ENAMETOOLONG);
  auto child = where.directory->entries.find(where.name);
  if (child == where.directory->entries.end())
    return fail(ENOENT);
  return child->second;
}

result<node_ptr> lookup::resolve(const spot& where, bool follow) {
  auto child = find_child(where);
  if (!child)
    return child;
  if ((*child)->type == file_type::symlink && (follow || where.slash)) {
    auto target = follow_link(where, **child);
    if (!target)
      return fail(target.error());
    child = resolve(*target, true);
    if (!child)
      return child;
  }
  if (where.slash && (*child)->type != file_type::directory)
    return fail(ENOTDIR);
  return child;
}

} // namespace spindle::fs::memory
