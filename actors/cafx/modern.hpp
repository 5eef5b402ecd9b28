// cafx on CAF 1.x: mostly aliases.
#pragma once

#include "cafx/version.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <caf/actor_from_state.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/anon_mail.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/byte_span.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exec_main.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/result.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_behavior.hpp>
#include <caf/typed_event_based_actor.hpp>

// -- macros for message types -------------------------------------------------

#define CAFX_ENUM(ns, type, count)                                             \
  namespace ns {                                                               \
  template <class Inspector>                                                   \
  bool inspect(Inspector& f, type& x) {                                        \
    using rep = std::underlying_type_t<type>;                                  \
    return f.apply([&x] { return static_cast<rep>(x); },                       \
                   [&x](rep y) {                                               \
                     x = static_cast<type>(y);                                 \
                     return y < count;                                         \
                   });                                                         \
  }                                                                            \
  }

#define CAFX_ERROR_ENUM(ns, type, category, count)                             \
  CAFX_ENUM(ns, type, count)                                                   \
  CAF_ERROR_CODE_ENUM(ns::type)                                                \
  namespace ns {                                                               \
  using caf::make_error;                                                       \
  }

#define CAFX_LIBRARY_BLOCK(block, announce, add)                               \
  namespace caf {                                                              \
  template <>                                                                  \
  inline void init_global_meta_objects<id_block::block>() {                    \
    ::announce();                                                              \
  }                                                                            \
  }

namespace cafx::detail {

/// Returns whether a handler has returned an error.
template <class... Ts>
bool holds_error(const caf::result<Ts...>& x) {
  return std::holds_alternative<caf::error>(x.get_data());
}

template <class Context>
void enqueue(const caf::strong_actor_ptr& receiver,
             caf::strong_actor_ptr sender, caf::message_id id,
             caf::message content, Context* context) {
  receiver->enqueue(
    caf::make_mailbox_element(std::move(sender), id, std::move(content)),
    context);
}

inline void enqueue(const caf::strong_actor_ptr& receiver, std::nullptr_t,
                    caf::message_id id, caf::message content, std::nullptr_t) {
  enqueue(receiver, caf::strong_actor_ptr{}, id, std::move(content),
          static_cast<caf::scheduler*>(nullptr));
}

} // namespace cafx::detail

namespace cafx {

using caf::anon_mail;
using caf::byte_buffer;
using caf::infinite;
using caf::scoped_actor;
using caf::type_list;
using caf::typed_actor;

/// Return type of an `inspect` overload.
template <class Inspector>
using inspect_result = bool;

/// Whether an inspector deserializes into values.
template <class Inspector>
constexpr bool reads_values = Inspector::is_loading;

/// Return value of an `inspect` overload that refuses the value that it reads.
template <class Inspector>
bool refuse_value(Inspector& f) {
  f.emplace_error(caf::sec::invalid_argument);
  return false;
}

/// Inspects the members of `x`, a struct named `type_name`.
template <class Inspector, class T, class... Members>
bool inspect_members(Inspector& f, T& x, std::string_view type_name,
                     member<Members>... members) {
  return f.object(x).pretty_name(type_name).fields(
    f.field(members.name, members.value)...);
}

/// Inspects `x`, which is like a std::expected: whether it has a value, and
/// then the value or the error.
template <class Inspector, class Expected>
bool inspect_expected(Inspector& f, Expected& x, std::string_view type_name) {
  auto has_value = f.field(
    "has_value", [&x] { return x.has_value(); },
    [&x](bool y) { detail::reset_expected(x, y); });
  auto content = [&x](Inspector& g) {
    return x ? g.field("value", *x)(g) : g.field("error", x.error())(g);
  };
  return f.object(x).pretty_name(type_name).fields(has_value, content);
}

/// Type of the pointer to the actor in a state class that implements `Handle`.
template <class Handle>
using self_ptr = typename Handle::pointer;

/// Actor with a state class: `sys.spawn<actor_of<State>>(args...)` passes a
/// self_ptr and `args...` to the constructor of `State`.
template <class State>
using actor_of
  = caf::stateful_actor<State,
                        typename caf::actor_from_state_t<State>::base_type>;

/// Sets the handler for exit messages.
template <class Self, class Fun>
void on_exit_msg(Self* self, Fun fun) {
  CAF_PUSH_DEPRECATED_WARNING
  self->set_exit_handler(std::move(fun));
  CAF_POP_WARNINGS
}

/// Announces type ID blocks and modules. Call it first in main.
template <class... Ts>
void init_types() {
  caf::exec_main_init_meta_objects<Ts...>();
  caf::core::init_global_meta_objects();
}

/// Makes the types of these blocks sendable to other nodes. CAF 1.x needs
/// nothing for that.
template <class... Blocks>
void add_message_types(caf::actor_system_config&) {}

/// Returns whether `init_types` or CAF_MAIN has announced the type.
template <class T>
bool is_announced() {
  return !caf::query_type_name(caf::type_id_v<T>).empty();
}

/// Returns whether this actor system can send values of the type.
template <class T>
bool is_known(const caf::actor_system&) {
  return is_announced<T>();
}

/// Second part of `init_types`; call it in the constructor of each config.
template <class... Ts>
void add_types(caf::actor_system_config& cfg) {
  (caf::exec_main_load_module<Ts>(cfg), ...);
}

/// Makes `render` print these error enums.
template <class... Enums>
void add_error_enums(caf::actor_system_config&) {}

/// Returns the full name of an option of CAF, e.g. of "scheduler.max-threads".
inline std::string caf_option(const std::string& name) {
  return "caf." + name;
}

/// Returns whether `--help` was given.
inline bool helptext_printed(const caf::actor_system_config& cfg) {
  return cfg.helptext_printed();
}

/// Returns the text of an error.
inline std::string render(caf::actor_system&, const caf::error& x) {
  return to_string(x);
}

/// Returns whether `x` is an error.
template <class Error>
bool failed(const Error& x) {
  if constexpr (requires { x.valid(); })
    return x.valid();
  else
    return static_cast<bool>(x);
}

/// Appends `xs` to `buf` in the binary format for the network.
template <class... Ts>
caf::error serialize(caf::actor_system& sys, byte_buffer& buf,
                     const Ts&... xs) {
  caf::binary_serializer sink{sys, buf};
  return (sink.apply(xs) && ...) ? caf::error{} : sink.get_error();
}

/// Reads `xs` from the output of `serialize`.
template <class... Ts>
caf::error deserialize(caf::actor_system& sys, const byte_buffer& buf,
                       Ts&... xs) {
  caf::binary_deserializer source{sys, buf};
  return (source.apply(xs) && ...) ? caf::error{} : source.get_error();
}

/// Inspects `n` bytes at `data` as one block. When loading, reads the size `m`
/// and writes to the memory that `resize(m)` returns.
template <class Inspector, class Resize>
bool inspect_bytes(Inspector& f, const std::byte* data, size_t n,
                   Resize&& resize) {
  if constexpr (!Inspector::is_loading) {
    return f.begin_sequence(n) && f.value(caf::const_byte_span{data, n})
        && f.end_sequence();
  } else {
    if (!f.begin_sequence(n))
      return false;
    if constexpr (requires { f.remaining(); })
      if (n > f.remaining()) {
        f.emplace_error(caf::sec::end_of_stream);
        return false;
      }
    return f.value(caf::byte_span{resize(n), n}) && f.end_sequence();
  }
}

} // namespace cafx
