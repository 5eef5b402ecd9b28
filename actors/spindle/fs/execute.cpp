#include "spindle/fs/execute.hpp"

#include "spindle/fs/perform.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::fs {

answer execute(vfs& disk, const operation& what, const limits& bounds,
               const surroundings& with) {
  if (with.progress)
    with.progress->begin(path_of(what));
  auto checked = disk.check_start();
  return std::visit(
    [&](const auto& op) -> answer {
      using op_type = std::remove_cvref_t<decltype(op)>;
      attempt<typename op_type::output> res
        = checked ? perform(
            context{disk, bounds, with.walks, progress_sink{with.progress}}, op)
                  : moved_away(checked.error(), op.path);
      if (res)
        return output{std::in_place_type<typename op_type::output>,
                      std::move(*res)};
      res.error().operation = op_type::type_name;
      return std::move(res.error());
    },
    what);
}

} // namespace spindle::fs
