#include "text/file_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace spindle::tool {

namespace {

char letter_of(file_type type) {
  switch (type) {
    case file_type::file:
      return '-';
    case file_type::directory:
      return 'd';
    case file_type::symlink:
      return 'l';
    case file_type::fifo:
      return 'p';
    case file_type::socket:
      return 's';
    case file_type::block_device:
      return 'b';
    case file_type::character_device:
      return 'c';
    case file_type::unknown:
      break;
  }
  return '?';
}

/// Returns the name of a value with blanks instead of underscores.
std::string with_blanks(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

} // namespace

std::string mode_text(file_type type, uint32_t permissions) {
  std::string res{letter_of(type)};
  for (uint32_t bit = 0400, i = 0; bit != 0; bit >>= 1, ++i)
    res += (permissions & bit) != 0 ? "rwx"[i % 3] : '-';
  // setuid, setgid and "sticky" replace the x of their class; a capital letter
  // means that there is no x.
  auto mark = [&](uint32_t bit, size_t place, char with_x) {
    if ((permissions & bit) != 0)
      res[place]
        = res[place] == 'x' ? with_x : static_cast<char>(with_x - 'a' + 'A');
  };
  mark(04000, 3, 's');
  mark(02000, 6, 's');
  mark(01000, 9, 't');
  return res;
}

std::string octal_text(uint32_t permissions) {
  char res[16];
  std::snprintf(res, sizeof res, "%04o", permissions);
  return res;
}

std::string no_file_text(file_type type) {
  return "it is no file, but a " + with_blanks(to_string(type));
}

std::string local_time_text(file_time when) {
  using std::chrono::floor;
  using std::chrono::seconds;
  std::time_t time = floor<seconds>(when.time_since_epoch()).count();
  std::tm parts{};
  char res[64];
  if (!::localtime_r(&time, &parts))
    return "?";
  return {res, std::strftime(res, sizeof res, "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string reason_text(const failure& why) {
  if (why.sys_errno == 0 && !why.detail.empty())
    return why.detail;
  auto res = why.sys_errno != 0 ? std::string{std::strerror(why.sys_errno)}
                                : with_blanks(to_string(why.code));
  if (!why.detail.empty())
    res += " (" + why.detail + ')';
  auto remedy = remedy_of(why.code);
  return remedy.empty() ? res : res + ": " + remedy;
}

} // namespace spindle::tool
