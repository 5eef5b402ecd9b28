// cafx on CAF 0.17.
//
// modern.hpp, or the manual of CAF 1.x, documents each name.
#pragma once

#include "cafx/version.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exec_main.hpp>
#include <caf/result.hpp>
#include <caf/scoped_execution_unit.hpp>
#include <caf/send.hpp>
#include <caf/type_nr.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_behavior.hpp>
#include <caf/typed_event_based_actor.hpp>

// -- macros for message types -------------------------------------------------

#define CAFX_ENUM(ns, type, count)                                             \
  namespace ns {                                                               \
  constexpr size_t enum_count(type) {                                          \
    return count;                                                              \
  }                                                                            \
  }

#define CAFX_ERROR_ENUM(ns, type, category, count)                             \
  CAFX_ENUM(ns, type, count)                                                   \
  namespace ns {                                                               \
  using caf::make_error;                                                       \
  inline caf::atom_value error_category(type) {                                \
    return caf::atom(category);                                                \
  }                                                                            \
  template <class... Ts>                                                       \
  caf::error make_error(type code, Ts&&... xs) {                               \
    return {static_cast<uint8_t>(code), caf::atom(category),                   \
            caf::make_message(std::forward<Ts>(xs)...)};                       \
  }                                                                            \
  }

#define CAFX_LIBRARY_BLOCK(block, announce, add)                               \
  namespace caf {                                                              \
  template <>                                                                  \
  inline actor_system_config&                                                  \
  actor_system_config::add_message_types<id_block::block>() {                  \
    ::add(*this);                                                              \
    return *this;                                                              \
  }                                                                            \
  }

namespace caf {

// CAF 0.17 can send caf::optional and caf::variant, but not those of std.

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  bool engaged = x.has_value();
  if constexpr (Inspector::reads_state) {
    return engaged ? f(engaged, *x) : f(engaged);
  } else {
    auto load = [&] {
      x.reset();
      return engaged ? f(x.emplace()) : error{};
    };
    return f(engaged, meta::load_callback(load));
  }
}

template <class Inspector, class... Ts>
typename Inspector::result_type inspect(Inspector& f, std::variant<Ts...>& x) {
  auto index = static_cast<uint8_t>(x.index());
  if constexpr (Inspector::reads_state) {
    return std::visit([&](auto& y) { return f(index, y); }, x);
  } else {
    auto load = [&] {
      error err = sec::unknown_type;
      auto i = uint8_t{0};
      ((i++ == index ? void(err = f(x.template emplace<Ts>())) : void()), ...);
      return err;
    };
    return f(index, meta::load_callback(load));
  }
}

namespace detail {
using caf::inspect; // for printing: finds the above via ADL
} // namespace detail

} // namespace caf

namespace cafx {

using byte_buffer = std::vector<char>;

inline constexpr caf::timespan infinite = caf::timespan::max();

template <class... Ts>
using type_list = caf::detail::type_list<Ts...>;

template <class Inspector>
using inspect_result = typename Inspector::result_type;

template <class Inspector>
constexpr bool reads_values = Inspector::writes_state;

template <class Inspector>
caf::error refuse_value(Inspector&) {
  return caf::sec::invalid_argument;
}

namespace detail {

/// Returns whether a received value is valid for its type.
template <class T>
bool in_range(const T& x) {
  if constexpr (std::is_enum_v<T>)
    return static_cast<size_t>(x) < enum_count(x);
  else
    return true;
}

} // namespace detail

template <class Inspector, class T, class... Members>
inspect_result<Inspector> inspect_members(Inspector& f, T&,
                                          const char* type_name,
                                          member<Members>... members) {
  auto check = [&]() -> caf::error {
    if ((detail::in_range(members.value) && ...))
      return {};
    return caf::sec::invalid_argument;
  };
  return f(caf::meta::type_name(type_name), members.value...,
           caf::meta::load_callback(check));
}

template <class Inspector, class Expected>
inspect_result<Inspector> inspect_expected(Inspector& f, Expected& x,
                                           const char* type_name) {
  auto name = caf::meta::type_name(type_name);
  auto has_value = x.has_value();
  if constexpr (Inspector::reads_state) {
    return x ? f(name, has_value, *x) : f(name, has_value, x.error());
  } else {
    auto load = [&] {
      detail::reset_expected(x, has_value);
      return x ? f(*x) : f(x.error());
    };
    return f(name, has_value, caf::meta::load_callback(load));
  }
}

namespace detail {

template <class... Ts>
bool holds_error(const caf::result<Ts...>& x) {
  return x.flag == caf::rt_error;
}

inline void enqueue(const caf::strong_actor_ptr& receiver,
                    caf::strong_actor_ptr sender, caf::message_id id,
                    caf::message content, caf::execution_unit* context) {
  receiver->enqueue(std::move(sender), id, std::move(content), context);
}

template <class Signature>
struct to_old_signature;

template <class... Out, class... In>
struct to_old_signature<caf::result<Out...>(In...)> {
  using type = typename caf::replies_to<In...>::template with<Out...>;
};

template <class Signatures>
struct to_handle;

template <class... Sigs>
struct to_handle<type_list<Sigs...>> {
  using type = caf::typed_actor<typename to_old_signature<Sigs>::type...>;
};

template <class... Sigs>
struct to_handle<caf::typed_behavior<Sigs...>> {
  using type = caf::typed_actor<Sigs...>;
};

template <class... Out>
struct to_expected {
  using type = caf::expected<std::tuple<Out...>>;
};

template <class Out>
struct to_expected<Out> {
  using type = caf::expected<Out>;
};

template <class Response, class... Out>
class blocking_response {
public:
  explicit blocking_response(Response impl, type_list<Out...>) : impl_(impl) {}

  template <class OnValue, class OnError>
  void receive(OnValue on_value, OnError on_error) && {
    impl_.receive(std::move(on_value), std::move(on_error));
  }

  auto receive() && {
    typename to_expected<Out...>::type res{caf::sec::runtime_error};
    auto on_error = [&res](caf::error& x) { res = std::move(x); };
    if constexpr (std::is_same_v<type_list<Out...>, type_list<void>>)
      impl_.receive([&res] { res = caf::unit; }, on_error);
    else if constexpr (sizeof...(Out) == 1)
      impl_.receive([&res](Out&... x) { res = (std::move(x), ...); }, on_error);
    else
      impl_.receive([&res](Out&... x) { res = std::tuple{std::move(x)...}; },
                    on_error);
    return res;
  }

private:
  Response impl_;
};

template <class Self, caf::message_priority Prio, bool Delayed, class... Ts>
class [[nodiscard]] mail_t {
public:
  mail_t(Self* self, std::tuple<Ts...> content, caf::timespan delay = {})
      : self_(self), content_(std::move(content)), delay_(delay) {}

  auto urgent() && {
    constexpr auto prio = caf::message_priority::high;
    return mail_t<Self, prio, Delayed, Ts...>{self_, std::move(content_),
                                              delay_};
  }

  auto delay(caf::timespan x) && {
    return mail_t<Self, Prio, true, Ts...>{self_, std::move(content_), x};
  }

  template <class Handle>
  void send(const Handle& receiver) && {
    apply([&](Ts&... xs) {
      if constexpr (std::is_void_v<Self>) {
        if constexpr (Delayed)
          caf::delayed_anon_send<Prio>(receiver, delay_, std::move(xs)...);
        else
          caf::anon_send<Prio>(receiver, std::move(xs)...);
      } else {
        if constexpr (Delayed)
          self_->template delayed_send<Prio>(receiver, delay_,
                                             std::move(xs)...);
        else
          self_->template send<Prio>(receiver, std::move(xs)...);
      }
    });
  }

  template <class Handle>
  requires(!Delayed) [[nodiscard]] auto request(const Handle& receiver,
                                                caf::timespan timeout) && {
    auto old_timeout = timeout == infinite ? caf::duration{caf::infinite}
                                           : caf::duration{timeout};
    return apply([&](Ts&... xs) {
      auto res = self_->template request<Prio>(receiver, old_timeout,
                                               std::move(xs)...);
      if constexpr (std::is_base_of_v<caf::blocking_actor, Self>)
        return blocking_response{
          res,
          caf::response_type_t<typename Handle::signatures,
                               caf::detail::implicit_conversions_t<Ts>...>{}};
      else
        return res;
    });
  }

  template <class Handle>
  requires(!Delayed) auto delegate(const Handle& receiver) && {
    return apply([&](Ts&... xs) {
      return self_->template delegate<Prio>(receiver, std::move(xs)...);
    });
  }

private:
  template <class Fun>
  auto apply(Fun fun) {
    return std::apply(fun, content_);
  }

  Self* self_;
  std::tuple<Ts...> content_;
  caf::timespan delay_;
};

template <class Self, class... Ts>
auto make_mail(Self* self, Ts&&... xs) {
  return mail_t<Self, caf::message_priority::normal, false,
                std::decay_t<Ts>...>{self, {std::forward<Ts>(xs)...}};
}

} // namespace detail

template <class Trait>
using typed_actor =
  typename detail::to_handle<typename Trait::signatures>::type;

template <class... Ts>
auto anon_mail(Ts&&... xs) {
  return detail::make_mail<void>(nullptr, std::forward<Ts>(xs)...);
}

/// An event-based actor with the members of CAF 1.x.
template <class Base>
class actor_base : public Base {
public:
  using Base::Base;

  template <class... Ts>
  auto mail(Ts&&... xs) {
    return detail::make_mail(this, std::forward<Ts>(xs)...);
  }

  template <class Handle, class Fun>
  void monitor(const Handle& whom, Fun fun) {
    if (on_down_.empty())
      this->set_down_handler([this](caf::down_msg& x) { call_on_down(x); });
    on_down_[whom.address()].push_back(std::move(fun));
    Base::monitor(whom);
  }

private:
  void call_on_down(caf::down_msg& x) {
    auto i = on_down_.find(x.source);
    if (i == on_down_.end())
      return;
    // CAF sends one down message for each call of `monitor`.
    auto& all = i->second;
    auto fun = std::move(all.front());
    all.erase(all.begin());
    if (all.empty())
      on_down_.erase(i);
    fun(x.reason);
  }

  /// The functions to call when a monitored actor is down, in the order of the
  /// calls of `monitor`.
  std::unordered_map<caf::actor_addr,
                     std::vector<std::function<void(caf::error)>>>
    on_down_;
};

template <class Handle>
using self_ptr = actor_base<typename Handle::base>*;

template <class State,
          class Handle = typename detail::to_handle<
            decltype(std::declval<State&>().make_behavior())>::type>
class actor_of final : public actor_base<typename Handle::base> {
public:
  using super = actor_base<typename Handle::base>;

  template <class... Ts>
  explicit actor_of(caf::actor_config& cfg, Ts&&... xs) : super(cfg) {
    state_.emplace(static_cast<super*>(this), std::forward<Ts>(xs)...);
  }

  void on_exit() override {
    state_.reset();
  }

  const char* name() const override {
    if constexpr (requires { State::name; })
      return State::name;
    else
      return super::name();
  }

protected:
  typename super::behavior_type make_behavior() override {
    return state_->make_behavior();
  }

private:
  std::optional<State> state_;
};

class scoped_actor {
public:
  class impl : public caf::blocking_actor {
  public:
    using caf::blocking_actor::blocking_actor;

    template <class... Ts>
    auto mail(Ts&&... xs) {
      return detail::make_mail(this, std::forward<Ts>(xs)...);
    }
  };

  explicit scoped_actor(caf::actor_system& sys, bool hide = false)
      : context_(&sys) {
    caf::actor_config cfg{&context_};
    if (hide)
      cfg.flags |= caf::abstract_actor::is_hidden_flag;
    self_ = caf::make_actor<impl, caf::strong_actor_ptr>(sys.next_actor_id(),
                                                         sys.node(), &sys, cfg);
  }

  scoped_actor(const scoped_actor&) = delete;

  ~scoped_actor() {
    (*this)->cleanup(make_error(caf::exit_reason::normal), &context_);
  }

  impl* operator->() const {
    return static_cast<impl*>(caf::actor_cast<caf::abstract_actor*>(self_));
  }

private:
  caf::scoped_execution_unit context_;
  caf::strong_actor_ptr self_;
};

template <class Self, class Fun>
void on_exit_msg(Self* self, Fun fun) {
  self->set_exit_handler(std::move(fun));
}

template <class... Ts>
void init_types() {}

template <class T>
bool is_announced() {
  return true;
}

template <class T>
bool is_known(const caf::actor_system& sys) {
  return sys.types().make_value(typeid(T)) != nullptr;
}

template <class... Blocks>
void add_message_types(caf::actor_system_config& cfg) {
  (cfg.add_message_types<Blocks>(), ...);
}

template <class... Ts>
void add_types(caf::actor_system_config& cfg) {
  (cfg.load<Ts>(), ...);
}

template <class... Enums>
void add_error_enums(caf::actor_system_config& cfg) {
  auto add = [&cfg]<class Enum>(Enum token) {
    cfg.add_error_category(
      error_category(token),
      [](uint8_t code, caf::atom_value, const caf::message& context) {
        auto res = to_string(static_cast<Enum>(code));
        return context.empty() ? res : res + to_string(context);
      });
  };
  (add(Enums{}), ...);
}

inline std::string caf_option(const std::string& name) {
  return name;
}

inline bool helptext_printed(const caf::actor_system_config& cfg) {
  return cfg.cli_helptext_printed;
}

inline std::string render(caf::actor_system& sys, const caf::error& x) {
  return sys.render(x);
}

inline bool failed(const caf::error& x) {
  return static_cast<bool>(x);
}

template <class... Ts>
caf::error serialize(caf::actor_system& sys, byte_buffer& buf,
                     const Ts&... xs) {
  return caf::binary_serializer{sys, buf}(xs...);
}

template <class... Ts>
caf::error deserialize(caf::actor_system& sys, const byte_buffer& buf,
                       Ts&... xs) {
  return caf::binary_deserializer{sys, buf}(xs...);
}

template <class Inspector, class Resize>
inspect_result<Inspector> inspect_bytes(Inspector& f, const std::byte* data,
                                        size_t n, Resize&& resize) {
  if constexpr (!requires { f.apply_raw(n, nullptr); }) {
    return f(n); // printing
  } else {
    if (auto err = f.begin_sequence(n))
      return err;
    auto* source = dynamic_cast<caf::binary_deserializer*>(&f);
    if (source && n > source->remaining())
      return caf::sec::end_of_stream;
    auto* pos
      = Inspector::reads_state ? const_cast<std::byte*>(data) : resize(n);
    return n == 0 ? caf::error{} : f.apply_raw(n, pos);
  }
}

} // namespace cafx
