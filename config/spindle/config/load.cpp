#include "spindle/config/load.hpp"

#include "spindle/config/document.hpp"
#include "spindle/config/read_keys.hpp"
#include "spindle/config/read_node.hpp"
#include "spindle/config/read_profiles.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spindle::config {

namespace {

// -- sections -----------------------------------------------------------------

/// Reads the table of one top-level key.
struct section {
  std::string name;
  void (*read)(const entry& from, reading& all);
};

/// The order of reading: a later section may refer to an earlier one.
const std::vector<section> sections{
  {"queue",
   [](const entry& from, reading& all) {
     read_keys(std::get<table>(from.content), "queue.", queue_keys,
               names_of(queue_keys), all.result.queue, all);
   }},
  {"profiles",
   [](const entry& from, reading& all) {
     read_profiles(std::get<table>(from.content), all);
   }},
  {"listen", read_listen},
  {"volumes", read_volumes},
  {"limits", read_limits},
  {"node", read_node},
};

void read_sections(const table& document, reading& all) {
  std::vector<std::string> names;
  for (const auto& x : sections) {
    names.push_back(x.name);
    for (const auto& y : document)
      if (y.key == x.name && std::holds_alternative<table>(y.content))
        x.read(y, all);
      else if (y.key == x.name)
        all.wrong.bad_value("", y, "a table");
  }
  for (const auto& y : document)
    if (std::find(names.begin(), names.end(), y.key) == names.end())
      all.wrong.bad_key("", y, names);
}

// -- files --------------------------------------------------------------------

struct closer {
  void operator()(std::FILE* file) const {
    std::fclose(file);
  }
};

using file_ptr = std::unique_ptr<std::FILE, closer>;

/// Opens a file for reading, or returns why it failed.
tl::expected<file_ptr, std::string> open_text(const std::string& path,
                                              source from) {
  auto failed
    = [] { return tl::unexpected{std::string{std::strerror(errno)}}; };
  // Without O_NONBLOCK, opening a FIFO waits for its writer.
  auto flags = from == source::any ? 0 : O_NONBLOCK;
  auto fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (fd < 0)
    return failed();
  file_ptr res{::fdopen(fd, "r")};
  if (!res) {
    auto why = failed();
    ::close(fd);
    return why;
  }
  struct stat info {};
  if (from == source::regular_file && ::fstat(fd, &info) != 0)
    return failed();
  if (from == source::regular_file && !S_ISREG(info.st_mode))
    return tl::unexpected{std::string{"it is not a regular file"}};
  return res;
}

/// Returns the text, or why it cannot be read. Stops soon after
/// `max_text_bytes`.
tl::expected<std::string, std::string> read_text(const std::string& path,
                                                 source from) {
  auto file = open_text(path, from);
  if (!file)
    return tl::unexpected{std::move(file.error())};
  std::string res;
  char part[4096];
  while (res.size() <= max_text_bytes) {
    auto count = std::fread(part, 1, sizeof part, file->get());
    res.append(part, count);
    if (count < sizeof part && std::ferror(file->get()))
      return tl::unexpected{std::string{std::strerror(errno)}};
    if (count < sizeof part)
      break;
  }
  return res;
}

} // namespace

tl::expected<configuration, mistakes> parse(std::string_view text,
                                            const std::string& file) {
  auto document = read_document(text, file);
  if (!document)
    return tl::unexpected{mistakes{std::move(document.error())}};
  reading all{file};
  read_sections(*document, all);
  auto wrong = all.wrong.take();
  if (!wrong.empty())
    return tl::unexpected{std::move(wrong)};
  return std::move(all.result);
}

tl::expected<configuration, mistakes> load_file(const std::string& path,
                                                source from) {
  auto text = read_text(path, from);
  if (!text)
    return tl::unexpected{
      mistakes{{path, 0, 0, "cannot be read: " + text.error()}}};
  return parse(*text, path);
}

} // namespace spindle::config
