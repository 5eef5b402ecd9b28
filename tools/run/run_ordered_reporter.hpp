// Decides when outcomes are reported: in the order of the lines.
#pragma once

#include "run/run_backlog.hpp"
#include "run/run_errands.hpp"
#include "run/run_reporter.hpp"

#include "spindle/message/interfaces.hpp"

#include <mutex>
#include <vector>

namespace spindle::tool {

/// Reports the outcomes of the operations and lists of each lane in the order
/// of their lines. They arrive in another order: the two disk actors hand out
/// theirs independently of each other, and so do the volumes of a node, and
/// what is given up after a deadline overtakes what is at the disk. Any thread
/// may call.
class ordered_reporter {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// @param items where everything that has a line is until it is reported.
  /// @param lines writes the outcomes.
  ordered_reporter(backlog& items, reporter& lines)
      : items_(items), lines_(lines) {}

  // -- operations and lists ---------------------------------------------------

  /// Reports what became of an item, given the outcomes of its operations in
  /// order: at once if it was cancelled, otherwise after all items before it in
  /// its lane.
  void on_outcomes(const backlog_item_ptr& item, std::vector<outcome> outcomes);

  /// Reports that no operation of an item was done, or that nobody knows;
  /// likewise after all items before it in its lane.
  void on_failure(const backlog_item_ptr& item, const failure& why);

  /// Reports how far an item is, unless it is done meanwhile.
  void on_progress(const backlog_item& item, const operation_progress& now);

  // -- background writes ------------------------------------------------------

  /// Has a thread report how a background write ended, without an order.
  /// Returns at once.
  /// @param spawned when it was spawned, counted from the start of the program.
  void on_writer_end(const backlog_item_ptr& item, writer_status last,
                     caf::timespan spawned);

  /// Reports, before it returns, why there is no writer for an item.
  void on_writer_refused(const backlog_item_ptr& item, failure why);

  // -- the end ----------------------------------------------------------------

  /// Reports everything that is not reported yet: what is not done has timed
  /// out.
  void report_rest();

private:
  /// Reports the items of a lane that are done and have no unreported item
  /// before them. `ordering_` is locked.
  void report_those_ready(const session_lane& lane);

  void report(backlog_item& item, const std::vector<outcome>& outcomes);

  void report(backlog_item& item, const failure& why);

  void report(backlog_item& item, const writer_status& last,
              caf::timespan spawned);

  backlog& items_;
  reporter& lines_;
  /// Locked while items are reported.
  std::mutex ordering_;
  /// Reports background writes. Last, since it uses the others until it is
  /// gone.
  errand_thread errands_;
};

} // namespace spindle::tool
