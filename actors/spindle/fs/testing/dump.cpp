#include "spindle/fs/testing/dump.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace spindle::fs {

namespace {

std::string octal(uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof(text), "%o", number);
  return text;
}

result<std::string> content_of(vfs& disk, const directory& base,
                               const std::string& path) {
  auto opened = disk.open(base, path, {.follow = false});
  if (!opened)
    return fail(opened.error());
  std::string content;
  std::array<std::byte, 4096> block;
  for (;;) {
    auto got = (*opened)->read(block);
    if (!got)
      return fail(got.error());
    if (*got == 0)
      return content;
    content.append(reinterpret_cast<const char*>(block.data()), *got);
  }
}

result<std::vector<std::string>> names_of(vfs& disk, const directory& base,
                                          const std::string& path) {
  auto opened = disk.open_directory(base, path, false);
  if (!opened)
    return fail(opened.error());
  std::vector<directory_entry> entries;
  for (;;) {
    auto more = (*opened)->read(entries);
    if (!more)
      return fail(more.error());
    if (!*more)
      break;
  }
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (auto& entry : entries)
    names.push_back(std::move(entry.name));
  std::sort(names.begin(), names.end());
  return names;
}

/// Returns the line of an entry without its path.
result<std::string> description_of(vfs& disk, const directory& base,
                                   const std::string& path) {
  auto info = disk.stat(base, path, false);
  if (!info)
    return fail(info.error());
  auto permissions = octal(info->permissions);
  switch (info->type) {
    case file_type::directory:
      return "/ " + permissions;
    case file_type::symlink:
      return disk.read_link(base, path).map([](const std::string& target) {
        return " -> " + target;
      });
    case file_type::file:
      return content_of(disk, base, path).map([&](const std::string& content) {
        return " " + permissions + " \"" + content + "\"";
      });
    default:
      return " " + permissions + " " + to_string(info->type);
  }
}

} // namespace

std::string dump_of(vfs& disk, const directory& base) {
  std::string text;
  // Directories that remain to be read, the next one last.
  std::vector<std::string> paths;
  auto add = [&](const std::string& below) {
    auto names = names_of(disk, base, below.empty() ? "." : below);
    if (!names) {
      text += below + "/: " + std::strerror(names.error()) + "\n";
      return;
    }
    for (auto name = names->rbegin(); name != names->rend(); ++name)
      paths.push_back(below.empty() ? *name : below + "/" + *name);
  };
  add("");
  while (!paths.empty()) {
    auto path = std::move(paths.back());
    paths.pop_back();
    auto description = description_of(disk, base, path);
    text += path;
    if (!description) {
      text += std::string{": "} + std::strerror(description.error()) + "\n";
      continue;
    }
    text += *description + "\n";
    if (description->front() == '/')
      add(path);
  }
  return text;
}

} // namespace spindle::fs
