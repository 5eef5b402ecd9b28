#include "spindle/fs/execute.hpp"

#include "spindle/fs/perform.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::fs {

answer execute(vfs& disk, const operation& what, const limits& bounds,
               progress_record* progress) {
  if (progress)
    progress->begin(path_of(what));
  return std::visit(
    [&](const auto& op) -> answer {
      using op_type = std::remove_cvref_t<decltype(op)>;
      auto res = perform(context{disk, bounds, progress_sink{progress}}, op);
      if (res)
        return output{std::in_place_type<typename op_type::output>,
                      std::move(*res)};
      res.error().operation = op_type::type_name;
      return std::move(res.error());
    },
    what);
}

} // namespace spindle::fs
