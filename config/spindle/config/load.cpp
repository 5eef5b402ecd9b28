#include "spindle/config/load.hpp"

#include "spindle/config/document.hpp"
#include "spindle/config/read_keys.hpp"
#include "spindle/config/read_profiles.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace spindle::config {

namespace {

// -- sections -----------------------------------------------------------------

const std::vector<std::string> section_names{"queue", "profiles"};

/// Reads a top-level key.
void read_section(const entry& from, reading& all) {
  auto* body = std::get_if<table>(&from.content);
  if (from.key != "queue" && from.key != "profiles")
    all.wrong.bad_key("", from, section_names);
  else if (!body)
    all.wrong.bad_value("", from, "a table");
  else if (from.key == "profiles")
    read_profiles(*body, all);
  else
    read_keys(*body, "queue.", queue_keys, names_of(queue_keys),
              all.result.queue, all);
}

// -- files --------------------------------------------------------------------

struct closer {
  void operator()(std::FILE* file) const {
    std::fclose(file);
  }
};

/// Returns the text, or the errno of what failed. Stops soon after the most
/// that a text may have.
tl::expected<std::string, int> read_text(const std::string& path) {
  std::unique_ptr<std::FILE, closer> file{std::fopen(path.c_str(), "re")};
  if (!file)
    return tl::unexpected{errno};
  std::string res;
  char part[4096];
  while (res.size() <= max_text_bytes) {
    auto count = std::fread(part, 1, sizeof part, file.get());
    res.append(part, count);
    if (count < sizeof part && std::ferror(file.get()))
      return tl::unexpected{errno};
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
  reading all{file, {.file = file}, complaints{file}};
  for (const auto& x : *document)
    read_section(x, all);
  auto wrong = all.wrong.take();
  if (!wrong.empty())
    return tl::unexpected{std::move(wrong)};
  return std::move(all.result);
}

tl::expected<configuration, mistakes> load_file(const std::string& path) {
  auto text = read_text(path);
  if (!text)
    return tl::unexpected{mistakes{
      {path, 0, 0,
       std::string{"cannot be read: "} + std::strerror(text.error())}}};
  return parse(*text, path);
}

} // namespace spindle::config
