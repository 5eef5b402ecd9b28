#include "choices.hpp"

#include <cerrno>

namespace spindle::sim {

std::string choices::path() {
  static constexpr const char* names[]
    = {"a", "b", "d", "d/a", "d/b", "d/d", "e", "e/a", "d/d/a"};
  return top_ + names[any(std::size(names))];
}

operation choices::operation() {
  auto flag = [this] { return chance(40); };
  auto level
    = [this] { return static_cast<durability>(any(durability_count)); };
  switch (any(18)) {
    case 0:
      return directory_exists{path()};
    case 1:
    case 2:
      return directory_create{
        .path = path(), .parents = flag(), .durability = level()};
    case 3:
      return directory_delete{
        .path = path(), .recursive = flag(), .durability = level()};
    case 4:
      return directory_rename{.path = path(),
                              .target = path(),
                              .overwrite = flag(),
                              .durability = level()};
    case 5:
      return directory_move{.path = path(),
                            .target = path(),
                            .overwrite = flag(),
                            .durability = level()};
    case 6:
      return directory_copy{.path = path(),
                            .target = path(),
                            .overwrite = flag(),
                            .durability = level()};
    case 7:
      return directory_contents{path()};
    case 8:
      return file_exists{path()};
    case 9:
      return file_create{
        .path = path(), .overwrite = flag(), .durability = level()};
    case 10:
      return file_delete{path(), level()};
    case 11:
      return file_rename{.path = path(),
                         .target = path(),
                         .overwrite = flag(),
                         .durability = level()};
    case 12:
      return file_move{.path = path(),
                       .target = path(),
                       .overwrite = flag(),
                       .durability = level()};
    case 13:
      return file_copy{.path = path(),
                       .target = path(),
                       .overwrite = flag(),
                       .durability = level()};
    case 14:
      return file_read{.path = path()};
    default:
      return file_write{
        .path = path(),
        .data = buffer{std::string(any(40), static_cast<char>('a' + any(26)))},
        .mode = static_cast<write_mode>(any(write_mode_count)),
        .parents = chance(10),
        .durability = level()};
  }
}

oplist choices::list(size_t depth, const callback& who) {
  oplist res;
  if (chance(50))
    res.policy = on_error::stop;
  for (auto n = any(5); n > 0; --n) {
    if (depth > 1 && chance(25))
      res.add(list(depth - 1, who));
    else
      res.add(operation(), chance(20) ? who : callback{});
  }
  return res;
}

settings choices::settings(bool resting) {
  spindle::settings res;
  res.ops_per_turn = 1 + any(5);
  res.bytes_per_turn = 1 + any(100);
  res.turn_quantum = std::chrono::milliseconds{resting ? 0 : 1 + any(4)};
  if (chance(30))
    res.max_pending_ops = 1 + any(10);
  if (chance(20))
    res.max_pending_bytes = 1 + any(100);
  if (chance(10))
    res.max_oplist_length = 1 + any(4);
  return res;
}

std::vector<std::pair<size_t, int>> choices::faults() {
  static constexpr int errors[] = {EIO, ENOSPC, EACCES, EMFILE};
  std::vector<std::pair<size_t, int>> res;
  for (auto n = chance(60) ? any(6) : 0; n > 0; --n)
    res.emplace_back(1 + any(100), errors[any(std::size(errors))]);
  return res;
}

} // namespace spindle::sim
