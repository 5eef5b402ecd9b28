// The same actions by Spindle.
#include "contestants.hpp"
#include "host.hpp"
#include "requester.hpp"

#include <algorithm>

namespace bench {

namespace {

/// Calls `fun` with a function that makes the operation for the `i`th file.
template <class Fun>
void with_maker(const workload& work, Fun fun) {
  switch (work.what()) {
    case action::exists:
      fun([&](size_t i) { return spindle::file_exists{.path = work.path(i)}; });
      break;
    case action::write:
      fun([&, data = spindle::buffer{work.content()}](size_t i) {
        return spindle::file_write{.path = work.path(i), .data = data};
      });
      break;
    case action::read:
      fun([&](size_t i) {
        return spindle::file_read{.path = work.path(i), .length = file_size};
      });
      break;
    case action::remove:
      fun([&](size_t i) { return spindle::file_delete{.path = work.path(i)}; });
      break;
    case action::rename:
      fun([&](size_t i) {
        return spindle::file_rename{.path = work.path(i),
                                    .target = work.target(i)};
      });
      break;
  }
}

} // namespace

contestant single_requests(std::shared_ptr<host> where, size_t window,
                           const std::string& name) {
  return {name + ", window " + std::to_string(window),
          [where, window](const workload& work) {
            with_maker(work, [&](auto make) {
              run_requests(where->system(), where->queue().supervisor(), make,
                           work.ops(), window);
            });
          }};
}

contestant oplists(std::shared_ptr<host> where, size_t length, size_t window) {
  return {"Spindle, oplists, window " + std::to_string(window),
          [where, length, window](const workload& work) {
            with_maker(work, [&](auto make) {
              auto make_list = [&work, make, length](size_t i) {
                spindle::oplist list;
                auto end = std::min((i + 1) * length, work.ops());
                for (auto k = i * length; k < end; ++k)
                  list.add(make(k));
                return list;
              };
              run_requests(where->system(), where->queue().supervisor(),
                           make_list, (work.ops() + length - 1) / length,
                           window);
            });
          }};
}

} // namespace bench
