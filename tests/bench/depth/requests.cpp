// The contestants that use Spindle.
#include "depth/contestants.hpp"
#include "host.hpp"
#include "requester.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

namespace bench::depth {

namespace {

spindle::write_mode mode_of(deed what) {
  switch (what) {
    case deed::append:
      return spindle::write_mode::append;
    case deed::replace:
      return spindle::write_mode::replace;
    default:
      return spindle::write_mode::truncate;
  }
}

/// Calls `fun` with a function that makes the `i`th request.
template <class Fun>
void with_request(const file_task& task, Fun fun) {
  if (task.what == deed::read)
    fun([&task](size_t i) {
      return spindle::file_read{.path = task.path(i), .length = task.bytes};
    });
  else
    fun(
      [&task, data = spindle::buffer{std::string(task.bytes, 'x')}](size_t i) {
        return spindle::file_write{.path = task.path(i),
                                   .data = data,
                                   .mode = mode_of(task.what),
                                   .durability = task.level};
      });
}

/// Returns a contestant that calls `run(task, make)`.
template <class Run>
contestant requesting(std::string name, Run run) {
  return {std::move(name), [run](const file_task& task) {
            double res = 0;
            with_request(task, [&](auto make) {
              prepare(task);
              res = seconds([&] { run(task, make); });
            });
            return res;
          }};
}

/// Divides the requests between clients. All of them have ended when it
/// returns.
template <class Make>
void run_clients(host& where, const file_task& task, Make make, size_t count) {
  count = std::min(count, task.count);
  std::vector<std::future<void>> all;
  for (size_t k = 0; k < count; ++k)
    all.push_back(start_requests(
      where.system(), where.queue().supervisor(),
      [make, k, count](size_t i) { return make(i * count + k); },
      (task.count - k + count - 1) / count, 1));
  for (auto& one : all)
    one.wait();
  for (auto& one : all)
    one.get();
}

} // namespace

contestant one_client(std::shared_ptr<host> where, size_t window) {
  return requesting("Spindle, window " + std::to_string(window),
                    [where, window](const file_task& task, auto make) {
                      run_requests(where->system(), where->queue().supervisor(),
                                   make, task.count, window);
                    });
}

contestant many_clients(std::shared_ptr<host> where, size_t count) {
  return requesting("Spindle, " + std::to_string(count) + " clients",
                    [where, count](const file_task& task, auto make) {
                      run_clients(*where, task, make, count);
                    });
}

contestant one_list(std::shared_ptr<host> where, size_t length) {
  return requesting("Spindle, oplists of " + std::to_string(length),
                    [where, length](const file_task& task, auto make) {
                      run_lists(where->system(), where->queue().supervisor(),
                                make, task.count, length, 1);
                    });
}

} // namespace bench::depth
