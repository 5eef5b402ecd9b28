// The proxy of a node's writer, in the process of the client.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace spindle {

/// The proxy of a writer: forwards messages, and goes down for the same reason
/// as the writer. If the connection is lost, it fails its pending requests.
class SPINDLE_EXPORT remote_writer_state {
public:
  static constexpr const char* name = "spindle.remote_writer";

  /// @param path of the file, for failures.
  /// @param mode of the writer, for failures.
  /// @param connection knows how the writer has ended.
  remote_writer_state(cafx::self_ptr<remote_writer_actor> self,
                      std::string path, write_mode mode,
                      front_actor connection);

  remote_writer_state(const remote_writer_state&) = delete;

  remote_writer_state& operator=(const remote_writer_state&) = delete;

  remote_writer_actor::behavior_type make_behavior();

private:
  /// A request without a response.
  struct request {
    std::function<void(const caf::error&)> fail;
    /// Responds with the last status of the writer. Null if that is no response
    /// to this request.
    std::function<void(const writer_status&)> end;
  };

  template <class Out, class Message>
  caf::result<Out> forward(const Message& x);

  /// Sends a request to the writer.
  template <class Out, class Message>
  void send(uint64_t number, const Message& x,
            cafx::typed_response_promise<Out> promise);

  caf::result<void> on_subscribe(const subscribe_progress& x);

  void on_answer(uint64_t number);

  void on_error(uint64_t number, const caf::error& why);

  /// Returns what a failure names.
  undone work() const;

  void on_placed(const writer_placed& x);

  /// The writer has gone down.
  void on_down(const caf::error& reason);

  /// The writer is alive, but its connection was lost.
  void on_lost(const writer_status& last);

  /// Answers all requests as the writer would have, and goes down as it did.
  void end_as(const writer_status& last);

  /// Goes down as the writer did.
  void quit();

  /// Fails all requests, and goes down.
  void fail(failure why);

  /// Completes a failure: adds path and operation, and how far the writer was
  /// if it was lost.
  void add_progress(failure& why) const;

  cafx::self_ptr<remote_writer_actor> self_;
  std::string path_;
  write_mode mode_;
  front_actor connection_;
  writer_actor real_;
  uint64_t max_message_bytes_ = 0;
  /// Send what came before the writer was placed.
  std::deque<std::function<void()>> waiting_;
  std::map<uint64_t, request> requests_;
  uint64_t last_number_ = 0;
  /// The last status that the writer reported.
  writer_status known_;
  std::vector<progress_receiver> subscribers_;
  /// Why the writer went down, once it has.
  std::optional<caf::error> ended_;
};

} // namespace spindle
